package glance

import (
	"bytes"
	"encoding/binary"
)

// headerSize is how much of an image its format is told by, in bytes. Glance
// knows nothing about an image that is shorter.
const headerSize = 512

// virtualSize is the size of the disk in data, which is an image of a format,
// in bytes. It is 0 where Glance does not find it out.
func virtualSize(format string, data []byte) int64 {
	if format == "raw" {
		return int64(len(data))
	}
	if len(data) < headerSize {
		return 0
	}
	switch format {
	case "qcow2":
		if bytes.HasPrefix(data, []byte("QFI\xfb")) {
			return int64(binary.BigEndian.Uint64(data[24:])) //nolint:gosec // no disk is that large
		}
	case "vhd":
		if bytes.HasPrefix(data, []byte("conectix")) {
			return int64(binary.BigEndian.Uint64(data[40:])) //nolint:gosec // no disk is that large
		}
	case "vdi":
		if binary.LittleEndian.Uint32(data[0x40:]) == 0xbeda107f {
			return int64(binary.LittleEndian.Uint64(data[0x170:])) //nolint:gosec // no disk is that large
		}
	}
	return 0
}
