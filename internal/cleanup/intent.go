package cleanup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gotempest/tempest/internal/ledger"
	"github.com/gotempest/tempest/internal/resource"
)

const (
	// skew is how far the clocks of this machine and of the cloud may differ.
	skew = 2 * time.Minute

	// behindSkew is the same for things that only their time tells from others of the project.
	behindSkew = 2 * time.Second

	// answerWait is how long after the request something may have been made: the time that a service
	// may take, with what waits in front of it.
	answerWait = 10 * time.Minute

	// prefix begins the names that testlib makes.
	prefix = "tempest-"
)

// lookFor finds what a request has made whose answer was never seen. The error says why that cannot be known.
func (c *cloudRemover) lookFor(ctx context.Context, in ledger.Intent) (things []*Thing, err error) {
	r, err := c.rightsOf(ctx, in)
	if errors.Is(err, errNoProject) {
		return nil, nil // what was in it is out of reach, or gone
	}
	if err != nil {
		return nil, err
	}
	kind, ok := c.table.Type(in.Service, in.Type)
	if !ok || kind.List.Path == "" {
		kind = generic(in)
	}
	if in.Name == "" && (in.Behind == "" || in.Project == "" || kind.List.ProjectField == "" && !kind.Scoped) {
		return nil, errNoName
	}
	query := kind.List.All
	if r != c.access.admin {
		query = ""
	}
	if kind.List.Name != "" && in.Name != "" {
		query = join2(query, kind.List.Name, in.Name)
	}
	all, err := c.find.list(ctx, r, kind, query)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		fits, err := couldBe(t, kind, in)
		if err != nil {
			return nil, err
		}
		if fits {
			t.Project, t.User = cmp.Or(t.Project, in.Project), in.User
			things = append(things, t)
		}
	}
	return things, nil
}

// couldBe reports whether a thing is what a request has made: it has the name, or none when a service gives it none, is
// in the project, and was made at that time. Where nothing says when, only a name that testlib makes tells it from what
// was there before.
func couldBe(t *Thing, kind resource.Type, in ledger.Intent) (bool, error) {
	after := skew
	if in.Behind != "" { // many have the same name, or none
		after = behindSkew
	}
	switch {
	case in.Name != "" && t.Name != in.Name && t.ID != in.Name:
		return false, nil
	case in.Name == "" && t.Name != "" && (in.Ends == "" || !strings.HasSuffix(t.Name, in.Ends)):
		return false, nil
	case kind.List.ProjectField != "" && in.Project != "" && t.Project != in.Project:
		return false, nil
	case t.Made.IsZero() && in.Name == "":
		return false, fmt.Errorf("there is %s, but nothing tells when it was made", t)
	case t.Made.IsZero() && !strings.HasPrefix(in.Name, prefix):
		return false, fmt.Errorf("there is %s, but nothing tells whether tempest made it", t)
	case t.Made.IsZero():
		return true, nil
	}
	return !t.Made.Before(in.Time.Add(-after)) && !t.Made.After(in.Time.Add(answerWait)), nil
}

// errNoName says that there is nothing to look for. What was made may be in a project that is removed.
var errNoName = errors.New("it has no name to look for")

// rightsOf are those with which something that an intent may have made can be seen.
func (c *cloudRemover) rightsOf(ctx context.Context, in ledger.Intent) (*rights, error) {
	kind, ok := c.table.Type(in.Service, in.Type)
	t := &Thing{Service: in.Service, Type: in.Type, Project: in.Project, scoped: ok && kind.Scoped}
	t.removal.Service = in.Service
	return c.rightsFor(ctx, t)
}

// generic is a type that the table does not have, made by a POST to its collection.
func generic(in ledger.Intent) resource.Type {
	path, _, _ := strings.Cut(in.Path, "?")
	return resource.Type{
		Service: in.Service, Name: "thing", Create: []string{http.MethodPost + " " + path},
		List: resource.List{Path: path, Key: anyList}, Async: true, Rank: 0,
	}
}

// anyList as key of a list means the one list that the answer has.
const anyList = "*"

// theList returns the name of the one list in an answer.
func theList(doc map[string]json.RawMessage) string {
	name := ""
	for key, value := range doc {
		if len(value) > 0 && value[0] == '[' && !strings.HasSuffix(key, "links") {
			if name != "" {
				return ""
			}
			name = key
		}
	}
	return name
}
