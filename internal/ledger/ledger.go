// Package ledger keeps on disk what tests make in a cloud, so that it can be found and removed
// when the process that made it has been killed.
//
// # Files
//
// A run has a folder below [Folder], and in it one file for each process that made something:
// PID-WORD.jsonl, readable by its owner alone, and exclusively locked (flock) by its writer while
// that lives. A file that is not locked belongs to a process that has ended.
//
// # Lines
//
// A file is lines of JSON. Each is written by one write(2) before the process goes on. It is not
// flushed to the disk: what must survive is the death of the process, not that of the machine,
// and what write has taken the kernel keeps. A last line without its end is what a kill leaves in
// the middle of a write, and is no fault. The member "t" says what a line is:
//
//	head    the first line: version of the format, run, cloud, process       [Head]
//	intent  a request that may make something is about to be sent           [Intent]
//	made    what it made, written before the test sees the answer           [Thing]
//	none    the answer says that nothing was made
//	lost    no answer, or one of 5xx: something may have been made          "why"
//	going   its removal was accepted, and takes its time
//	gone    it is gone
//
// All but the first have the number "n" of the intent that they are about. One request can make
// several things; "i" in "going" and "gone" counts them from 0:
//
//	{"t":"head","v":1,"run":"r1","cloud":{"name":"lab","auth_url":"http://…/v3"},"pid":7,"program":"…","time":"…"}
//	{"t":"intent","n":1,"test":"TestServer","who":"project_member","user":"…","project":"…",
//	 "service":"compute","type":"server","method":"POST","url":"http://…/v2.1/servers","path":"/servers",
//	 "name":"tempest-vm-1","rank":200,"async":true,"time":"…"}
//	{"t":"made","n":1,"things":[{"service":"compute","type":"server","id":"5ad5…","name":"tempest-vm-1",
//	 "url":"http://…/v2.1/servers/5ad5…","path":"/servers/5ad5…","rank":200,"async":true}]}
//	{"t":"going","n":1,"i":0}
//	{"t":"gone","n":1,"i":0}
//
// Unknown members are ignored. An unknown version is an error, because half of what a file says
// may be the wrong half. A line that cannot be read is a [Problem] and never dropped in silence.
package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Version is the version of the format that this package writes, and the latest that it reads.
const Version = 1

// Suffix ends the name of a ledger file.
const Suffix = ".jsonl"

// Folder returns where the ledgers of this user are: one folder for each run.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder of the ledgers: %w", err)
	}
	return filepath.Join(cache, "tempest", "ledger"), nil
}

// Head is the first line of a file: whose it is.
type Head struct {
	V       int       `json:"v"`
	Run     string    `json:"run"`     // ID of the run; "go-…" when the process ran under plain go test
	Cloud   Cloud     `json:"cloud"`   // where the things are
	PID     int       `json:"pid"`     // of the process that wrote the file
	Program string    `json:"program"` // import path of the package under test
	Time    time.Time `json:"time"`
}

// Cloud says which cloud the things of a file are in: enough to log in there again, without secrets.
type Cloud struct {
	Name       string `json:"name,omitempty"` // entry of clouds.yaml; empty when $OS_* named the cloud
	AuthURL    string `json:"auth_url"`
	CloudsFile string `json:"clouds_file,omitempty"` // absolute path of clouds.yaml, if it was read
	Region     string `json:"region,omitempty"`
	Interface  string `json:"interface,omitempty"`
}

// Kind says for whom a thing was made.
type Kind string

// Kinds of things.
const (
	KindTest Kind = "" // made by a test itself
	// KindAccount is for users, projects and their networks, which testlib makes; a pool may keep
	// them for other tests.
	KindAccount Kind = "account"
)

// Intent is a request that may make something.
type Intent struct {
	Test    string `json:"test"`              // name of the test; the first one that needed it for an account
	Kind    Kind   `json:"kind,omitempty"`    //
	Who     string `json:"who,omitempty"`     // persona, "admin", or empty
	User    string `json:"user,omitempty"`    // ID of the user whose token was sent, if known
	Project string `json:"project,omitempty"` // ID of the project of that token, if known

	Service string `json:"service,omitempty"` // official service type; empty when the URL is in no catalogue
	Type    string `json:"type,omitempty"`    // type of resource, as in package resource; empty for one it does not know
	Method  string `json:"method"`
	URL     string `json:"url"` // without secrets

	// Path is URL behind the endpoint of the service, as in [Thing].
	Path string `json:"path,omitempty"`

	// Name is the name that the request gives the thing, if it does.
	Name string `json:"name,omitempty"`

	// Several says that the request makes more than one thing, by names that begin with Name and a dash, and that
	// its answer does not show all of them.
	Several bool `json:"several,omitempty"`

	// Behind is the request, "METHOD URL", that makes a service make this thing, of which its answer says nothing:
	// the volume that a server boots from. Method and URL then are those by which the service makes it. Its name is
	// Name, or empty, or ends in Ends.
	Behind string `json:"behind,omitempty"`
	Ends   string `json:"ends,omitempty"`

	Rank  int       `json:"rank,omitempty"`  // as in [Thing]
	Async bool      `json:"async,omitempty"` // as in [Thing]
	Time  time.Time `json:"time"`
}

// Thing is a thing that a request made, and how it is removed.
type Thing struct {
	Service string `json:"service,omitempty"` // of the request that removes it: an image made by Nova is Glance's
	Type    string `json:"type,omitempty"`
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`

	// Method and URL remove it, as the one who made it. An empty Method means DELETE. Body is sent as
	// JSON, if not empty; Header beside it, as microversions.
	Method string            `json:"method,omitempty"`
	URL    string            `json:"url"`
	Body   string            `json:"body,omitempty"`
	Header map[string]string `json:"header,omitempty"`

	// Path is URL behind the endpoint of the service, which for another user or region can be another:
	// resource.URL puts them together again. It begins with "/", may have a query,
	// and is empty when Service is.
	Path string `json:"path,omitempty"`

	// AdminHeader is sent in addition by an administrator who removes what belongs to another project.
	AdminHeader map[string]string `json:"admin_header,omitempty"`

	// First is a request that has to be sent before, as the one that disables a domain. Nil means none.
	First *Step `json:"first,omitempty"`

	// Check is the path to GET that is answered 404 once the thing is gone. Empty means Path without its query.
	Check string `json:"check,omitempty"`

	// CheckKey is the member of the answer to Check that is empty once the thing is gone, where the answer is not 404.
	CheckKey string `json:"check_key,omitempty"`

	// Rank orders removal: things of a lower rank first. 0 means unknown; such things are removed
	// before all others, in the reverse of the order they were made in.
	Rank int `json:"rank,omitempty"`

	// Async says that the thing is still there for a while after its removal was accepted.
	Async bool `json:"async,omitempty"`
}

// Step is a request. Path is as in [Thing], Body is JSON or empty.
type Step struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body,omitempty"`
}

// State says how far a thing is.
type State int

// States of an [Entry].
const (
	Perhaps State = iota // a request was perhaps sent, and its answer never seen: there may be something by that name
	Made                 // it is there
	Going                // its removal was accepted
	Gone                 // it is gone, or was never made
)

// String returns a word for the state.
func (s State) String() string {
	if s < Perhaps || s > Gone {
		return fmt.Sprintf("State(%d)", int(s))
	}
	return [...]string{"perhaps made", "made", "going", "gone"}[s]
}

// Key names an entry within its file.
type Key struct {
	N int // number of the intent
	I int // which of the things that it made, from 0
}

// Entry is one thing that a process made or perhaps made: what the lines about it amount to.
type Entry struct {
	Key    Key
	State  State
	Intent Intent
	Thing  Thing  // zero while State is [Perhaps], and for what was never made
	Why    string // of [Perhaps]: what came instead of an answer; empty when the process was killed before one
	Line   int    // of the intent, or of the line that names the thing
}

// Open reports whether the entry still stands for something that has to be removed.
func (e Entry) Open() bool { return e.State != Gone }

// Problem is something in a file that cannot be read. It is an error that names file and line.
type Problem struct {
	File string
	Line int
	Text string
}

// Error returns "FILE:LINE: TEXT".
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// ErrLive says that the process that writes a file still runs.
var ErrLive = errors.New("the process that writes it still runs")
