// Package testlib has what the tests of the analyzers use of the real one.
package testlib

import "testing"

type Option interface{ option() }

type ID string

func (ID) option() {}

type Attribute string

func (Attribute) option() {}

func (Attribute) When(bool) Option { return nil }

const (
	Smoke Attribute = "smoke"
	Slow  Attribute = "slow"
)

type Persona string

const ProjectMember Persona = "project_member"

func Roles(...string) Persona { return "" }

func Services(...string) Option { return nil }

func Number(int) Option { return nil }

func Credentials(...Persona) Option { return nil }

func Fake(string, func() int) Option { return nil }

func Options[T any]() Option { return nil }

type Env struct{ Field Option }

func Start(*testing.T, ...Option) *Env { return nil }

func (*Env) Run(string, func(*Env), ...Option) bool { return true }

func (*Env) Cleanup(string, func()) {}

func Main(*testing.M) {}
