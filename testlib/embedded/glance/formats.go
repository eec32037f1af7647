package glance

import (
	"bytes"
	"encoding/binary"
)

const (
	// headerSize is how much of an image its format is told by, in bytes.
	// Glance knows nothing about an image that is shorter.
	headerSize = 512
	sectorSize = 512 // bytes
)

// virtualSize is the size of the disk in data, which is an image of a format,
// in bytes. It is 0 where Glance does not find it out.
func virtualSize(format string, data []byte) int64 {
	if format == "raw" {
		return int64(len(data))
	}
	if len(data) < headerSize {
		return 0
	}
	var size uint64
	switch format {
	case "qcow2":
		if bytes.HasPrefix(data, []byte("QFI\xfb")) {
			size = binary.BigEndian.Uint64(data[24:])
		}
	case "vhd":
		if bytes.HasPrefix(data, []byte("conectix")) {
			size = binary.BigEndian.Uint64(data[40:])
		}
	case "vdi":
		if binary.LittleEndian.Uint32(data[0x40:]) == 0xbeda107f {
			size = binary.LittleEndian.Uint64(data[0x170:])
		}
	case "vmdk":
		size = vmdkSize(data)
	case "vhdx":
		size = vhdxSize(data)
	}
	return int64(size) //nolint:gosec // no disk is that large
}

// vmdkSize is the size of the disk in a sparse or stream-optimised VMDK, whose
// description follows the header.
func vmdkSize(data []byte) uint64 {
	const atEnd = ^uint64(0) // where the grain directory is when a footer tells
	version := binary.LittleEndian.Uint32(data[4:])
	first, count := binary.LittleEndian.Uint64(data[28:]), binary.LittleEndian.Uint64(data[36:])
	grains := binary.LittleEndian.Uint64(data[56:])
	if !bytes.HasPrefix(data, []byte("KDMV")) || version < 1 || version > 3 || grains == atEnd || first != 1 {
		return 0
	}
	const most = 1<<20 - 1 // bytes of a description
	end := headerSize + min(count*sectorSize, most)
	if uint64(len(data)) < end {
		return 0
	}
	_, after, found := bytes.Cut(data[headerSize:end], []byte(`createType="`))
	kind, _, _ := bytes.Cut(after, []byte(`"`))
	if !found || string(kind) != "monolithicSparse" && string(kind) != "streamOptimized" {
		return 0
	}
	return binary.LittleEndian.Uint64(data[12:]) * sectorSize
}

// Identifiers in a VHDX, as they are written: the region of metadata, and the
// size of the disk among it.
const (
	metadataRegion = "\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e"
	virtualDisk    = "\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8"
)

// vhdxSize is the size of the disk in a VHDX: a number in its metadata, whose
// place a table tells.
func vhdxSize(data []byte) uint64 {
	const (
		regionTable = 192 << 10 // where it is
		entrySize   = 32        // of both tables
		mostEntries = 2047
	)
	if !bytes.HasPrefix(data, []byte("vhdxfile")) || len(data) < regionTable+64<<10 {
		return 0
	}
	table := data[regionTable:]
	if !bytes.HasPrefix(table, []byte("regi")) {
		return 0
	}
	entry := findEntry(table[16:], min(binary.LittleEndian.Uint32(table[8:]), mostEntries), metadataRegion)
	if entry == nil {
		return 0
	}
	start := binary.LittleEndian.Uint64(entry[16:])
	if start+entrySize > uint64(len(data)) || start+entrySize < start {
		return 0
	}
	metadata := data[start:]
	if !bytes.HasPrefix(metadata, []byte("metadata")) {
		return 0
	}
	item := findEntry(metadata[entrySize:], uint32(binary.LittleEndian.Uint16(metadata[10:])), virtualDisk)
	if item == nil {
		return 0
	}
	at := uint64(binary.LittleEndian.Uint32(item[16:]))
	if at+8 > uint64(len(metadata)) {
		return 0
	}
	return binary.LittleEndian.Uint64(metadata[at:])
}

// findEntry returns the entry of that identifier among the first count of a
// table, or nil.
func findEntry(table []byte, count uint32, id string) []byte {
	const size = 32
	for range count {
		if len(table) < size {
			return nil
		}
		if bytes.HasPrefix(table, []byte(id)) {
			return table
		}
		table = table[size:]
	}
	return nil
}
