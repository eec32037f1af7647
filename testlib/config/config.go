// Package config reads the configuration of tempest and of its plugins.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/gotempest/tempest/internal/protocol"
)

// FileName is the name of the configuration file that is searched for.
const FileName = "tempest.toml"

// Options says where a configuration comes from. The zero value searches as
// the command does.
type Options struct {
	// Path is the configuration file. Empty means $TEMPEST_CONFIG, then
	// tempest.toml in Dir or in a parent of it, then in the user's
	// configuration folder.
	Path string

	// Dir is where the search starts. Empty means the current directory.
	Dir string

	// Env is the environment. Nil means that of the process.
	Env []string

	// Overrides holds group.option=value.
	Overrides []string
}

// Load returns the options of T.
func Load[T any](o Options) (T, error) {
	var v T
	if err := setDefaults(reflect.ValueOf(&v).Elem()); err != nil {
		return v, err
	}
	path := find(o)
	if path == "" {
		return v, nil
	}
	if _, err := toml.DecodeFile(path, &v); err != nil {
		return v, fmt.Errorf("reading %s: %w", path, err)
	}
	return v, nil
}

func find(o Options) string {
	if o.Path != "" {
		return o.Path
	}
	switch p := os.Getenv(protocol.EnvConfig); p {
	case "":
	case protocol.NoConfig:
		return ""
	default:
		return p
	}
	dir, err := filepath.Abs(o.Dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		p := filepath.Join(dir, FileName)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return ""
}

func setDefaults(v reflect.Value) error {
	for i := range v.NumField() {
		f, tag := v.Field(i), v.Type().Field(i).Tag.Get("default")
		switch {
		case f.Kind() == reflect.Struct:
			if err := setDefaults(f); err != nil {
				return err
			}
		case tag == "":
		case f.Type() == reflect.TypeFor[time.Duration]():
			d, err := time.ParseDuration(tag)
			if err != nil {
				return err
			}
			f.SetInt(int64(d))
		case f.Kind() == reflect.String:
			f.SetString(tag)
		case f.Kind() == reflect.Bool:
			f.SetBool(tag == "true")
		case f.Kind() == reflect.Int:
			n, err := strconv.Atoi(tag)
			if err != nil {
				return err
			}
			f.SetInt(int64(n))
		case f.Kind() == reflect.Slice:
			f.Set(reflect.ValueOf(strings.Split(tag, ",")))
		}
	}
	return nil
}
