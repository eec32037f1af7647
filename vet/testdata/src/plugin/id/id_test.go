//go:build tempest

package id

import (
	"testing"

	"github.com/gotempest/tempest/testlib"
)

func TestNone(t *testing.T) {
	e := testlib.Start(t)               // want `the test has no UUID`
	e.Run("Sub", func(*testlib.Env) {}) // want `the test has no UUID`
}

func TestSome(t *testing.T) {
	e := testlib.Start(t, testlib.Smoke, // want `the test has no UUID`
		testlib.Services("identity"))
	e.Run("Sub", func(*testlib.Env) {}, testlib.ID("0f6c3a52-3d4e-4f6b-8f0e-2d3f0e9f8a11"))
	e.Run("Twin", func(*testlib.Env) {}, testlib.ID("0f6c3a52-3d4e-4f6b-8f0e-2d3f0e9f8a11"))  // want `the test at id_test.go:19 has this UUID too`
	e.Run("Short", func(*testlib.Env) {}, testlib.ID("0f6c3a52"))                             // want `"0f6c3a52" is no UUID in small letters`
	e.Run("Large", func(*testlib.Env) {}, testlib.ID("0F6C3A52-3D4E-4F6B-8F0E-2D3F0E9F8A12")) // want `is no UUID in small letters`
}

const known = "0f6c3a52-3d4e-4f6b-8f0e-2d3f0e9f8a13"

func TestConstant(t *testing.T) { testlib.Start(t, testlib.ID(known)) }

func TestSlice(t *testing.T) { testlib.Start(t, []testlib.Option{}...) }
