// Package report writes the outcome of a run to files that other programs read:
// JUnit XML and JSON.
package report

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteFile writes a file that is there as a whole or not at all: write gets a
// temporary file in the same folder, which takes the place of path when all went
// well and is removed when not. A file that was there leaves its mode. Missing
// folders are made. A path that exists and is no regular file, as a pipe or
// /dev/stdout, is written to directly.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	info, statErr := os.Stat(path)
	if statErr == nil && !info.Mode().IsRegular() {
		return writeDevice(path, write)
	}
	path = linked(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the folder of a report: %w", err)
	}
	f, err := tempFor(path)
	if err != nil {
		return err
	}
	temp := f.Name()
	defer func() {
		if err != nil {
			f.Close()       // the first error counts
			os.Remove(temp) // as above
		}
	}()
	if err := fill(f, write); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if statErr == nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// CheckFile finds out whether WriteFile could write path, in a folder that is
// there, without a change to what is at path. A run shall not end before it is
// known that its results have no place.
func CheckFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return fmt.Errorf("writing %s: it is a folder", path)
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil
	}
	f, err := tempFor(linked(path))
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// linked is what path is a link to: the file is replaced, not the link to it.
func linked(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// tempFor makes the file that shall take the place of path. Not with
// os.CreateTemp: it keeps others from reading, whatever the umask says.
func tempFor(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	temp := filepath.Join(dir, "."+base+"-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err // the temporary name would only confuse
	}
	if err != nil {
		return nil, fmt.Errorf("writing %s in its folder: %w", path, err)
	}
	return f, nil
}

// fill writes and makes sure that it is on the disk: a rename must not leave an
// empty file under the name when the machine goes down.
func fill(f *os.File, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(f, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

func writeDevice(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("writing %s: %w", path, cerr)
		}
	}()
	b := bufio.NewWriter(f)
	if err := write(b); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
