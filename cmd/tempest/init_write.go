package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// makeIn writes the files below dir, which need not exist. When a file cannot
// be written, or a signal arrives, everything that was made is removed again.
func (p *workspacePlan) makeIn(dir string, signals <-chan os.Signal) (err error) {
	var made []string // in the order of making
	defer func() {
		if err == nil {
			return
		}
		err = fmt.Errorf("making %s: %w", p.what, err)
		if left := removeAll(made); left != nil {
			err = fmt.Errorf("%w; what was made could not be removed: %w", err, left)
		} else {
			err = fmt.Errorf("%w; nothing is left of it", err)
		}
	}()
	for _, file := range p.files {
		path := filepath.Join(dir, filepath.FromSlash(file.name))
		folders, err := makeFolders(filepath.Dir(path))
		made = append(made, folders...)
		if err != nil {
			return err
		}
		created, err := writeOnce(path, file.data)
		if created {
			made = append(made, path)
		}
		if err != nil {
			return err
		}
		select {
		case s := <-signals:
			return interruptedError{s}
		default:
		}
	}
	return nil
}

// removeAll removes files and folders, the last one first.
func removeAll(made []string) (err error) {
	for _, path := range slices.Backward(made) {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// makeFolders makes dir and what is missing above it, and returns what it made.
func makeFolders(dir string) (made []string, err error) {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil, nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if made, err = makeFolders(parent); err != nil {
			return made, err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return made, err
	}
	return append(made, dir), nil
}

// writeOnce writes a file that must not exist yet. created says whether there
// is one now, whole or not.
func writeOnce(path string, data []byte) (created bool, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return false, err
	}
	n, err := file.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return true, err
}
