package glance

import (
	"encoding/binary"
	"testing"
)

const diskSize = 5 << 30 // bytes

// vmdk is the beginning of a VMDK of a kind.
func vmdk(kind string) []byte {
	data := make([]byte, 3*sectorSize)
	copy(data, "KDMV")
	binary.LittleEndian.PutUint32(data[4:], 1)
	binary.LittleEndian.PutUint64(data[12:], diskSize/sectorSize)
	binary.LittleEndian.PutUint64(data[28:], 1)
	binary.LittleEndian.PutUint64(data[36:], 2)
	copy(data[headerSize:], "# Disk DescriptorFile\ncreateType=\""+kind+"\"\n")
	return data
}

// vhdx is the beginning of a VHDX.
func vhdx() []byte {
	const regions, metadata, number = 192 << 10, 256 << 10, 64 << 10
	data := make([]byte, metadata+number+8)
	copy(data, "vhdxfile")
	copy(data[regions:], "regi")
	binary.LittleEndian.PutUint32(data[regions+8:], 2)
	copy(data[regions+16+32:], metadataRegion)
	binary.LittleEndian.PutUint64(data[regions+16+32+16:], metadata)
	copy(data[metadata:], "metadata")
	binary.LittleEndian.PutUint16(data[metadata+10:], 1)
	copy(data[metadata+32:], virtualDisk)
	binary.LittleEndian.PutUint32(data[metadata+32+16:], number)
	binary.LittleEndian.PutUint64(data[metadata+number:], diskSize)
	return data
}

// with is data with a number at a place.
func with(prefix string, put func([]byte)) []byte {
	data := make([]byte, headerSize)
	copy(data, prefix)
	put(data)
	return data
}

func TestVirtualSizeIsReadFromTheImage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, format string
		data         []byte
		want         int64
	}{
		{"raw", "raw", make([]byte, 7), 7},
		{"qcow2", "qcow2", with("QFI\xfb", func(b []byte) { binary.BigEndian.PutUint64(b[24:], diskSize) }), diskSize},
		{"vhd", "vhd", with("conectix", func(b []byte) { binary.BigEndian.PutUint64(b[40:], diskSize) }), diskSize},
		{"vdi", "vdi", with("", func(b []byte) {
			binary.LittleEndian.PutUint32(b[0x40:], 0xbeda107f)
			binary.LittleEndian.PutUint64(b[0x170:], diskSize)
		}), diskSize},
		{"vmdk", "vmdk", vmdk("monolithicSparse"), diskSize},
		{"vmdk for streams", "vmdk", vmdk("streamOptimized"), diskSize},
		{"vmdk of another kind", "vmdk", vmdk("monolithicFlat"), 0},
		{"vmdk without description", "vmdk", vmdk("monolithicSparse")[:headerSize+10], 0},
		{"vhdx", "vhdx", vhdx(), diskSize},
		{"vhdx cut off", "vhdx", vhdx()[:300<<10], 0},
		{"other data", "qcow2", make([]byte, headerSize), 0},
		{"too short", "vhd", []byte("conectix"), 0},
		{"format that is not looked into", "iso", make([]byte, headerSize), 0},
	}
	for _, tt := range tests {
		if got := virtualSize(tt.format, tt.data); got != tt.want {
			t.Errorf("%s: virtual size = %d, want %d", tt.name, got, tt.want)
		}
	}
}

// FuzzVirtualSize looks for images that cannot be read.
func FuzzVirtualSize(f *testing.F) {
	for _, data := range [][]byte{vmdk("monolithicSparse"), vhdx(), make([]byte, headerSize)} {
		f.Add("vmdk", data)
		f.Add("vhdx", data)
	}
	f.Fuzz(func(_ *testing.T, format string, data []byte) { virtualSize(format, data) })
}
