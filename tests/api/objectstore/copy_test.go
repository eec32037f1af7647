//go:build tempest

package objectstore_test

import (
	"net/http"
	"testing"

	"github.com/gotempest/tempest/testlib"
)

// copying is an object that is copied: its container, its path and its content; and the path of another that the copies
// are written over.
type copying struct {
	container string
	from      string
	content   []byte
	to        string
}

func TestObjectCopy(t *testing.T) {
	e := testlib.Start(t, testlib.ID("6c27d35a-92c2-44fc-b98a-5e4353ecf0f9"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	source, content := s.newObject(container, header{"X-Object-Meta-Src": "src_value", "Content-Type": "text/x-source"})
	target, _ := s.newObject(container, nil)
	c := copying{container: container, from: at(container, source), content: content, to: at(container, target)}

	e.Run("ByPut", c.byPut, testlib.ID("1a9ab572-1b66-4981-8c21-416e2a5e6011"))
	e.Run("ToItself", c.toItself, testlib.ID("2248abba-415d-410b-9c30-22dff9cd6e67"))
	e.Run("ByCopy", c.byCopy, testlib.ID("06f90388-2d0e-40aa-934c-e9a8833e958a"))
	e.Run("AcrossContainers", c.acrossContainers, testlib.ID("aa467252-44f3-472a-b5ae-5b57c3c9c147"))
	e.Run("FreshMetadata", c.freshMetadata, testlib.ID("5a9e2cc6-85b6-46fc-916d-0cbb7a88e5fd"))
	e.Run("FreshMetadataByPut", c.freshMetadataByPut, testlib.ID("0f3d62a6-47e3-4554-b0e5-1a5dc372d501"))
	e.Run("EmptyMetadata", c.emptyMetadata, testlib.ID("a28a8b99-e701-4d7e-9d84-3b66f121460b"))
	e.Run("MoreMetadata", c.moreMetadata, testlib.ID("edabedca-24c3-4322-9b70-d6d9f942a074"))
	e.Run("WithSlash", c.withSlash, testlib.ID("2c845051-b623-4578-b43a-71dd802615c5"))
	e.Run("OfRange", c.ofRange, testlib.ID("50516ee6-06d7-40d0-b8a8-111dd62991e7"))
	e.Run("OnCondition", c.onCondition, testlib.ID("5044ccbd-2283-4cd0-af80-498ab5a701bc"), testlib.Negative)
	e.Run("WithContent", c.withContent, testlib.ID("bb023ed3-698f-47f6-a9e7-1390b7d1e971"), testlib.Negative)
	e.Run("WithoutDestination", c.withoutDestination, testlib.ID("db7b13eb-400a-419e-bba7-95ed125a139f"), testlib.Negative)
}

// target returns the path of an object that there is not yet.
func (c copying) target(e *testlib.Env) string {
	name := e.Name("copy")
	operator(e).removeObject(c.container, name)
	return at(c.container, name)
}

func (c copying) byPut(e *testlib.Env) {
	s, to := operator(e), c.to
	s.put(to, nil, header{"X-Copy-From": c.from}).has(e, header{"X-Copied-From": c.from, "Etag": md5Of(c.content)})
	s.get(to, nil).contains(e, c.content)
}

func (c copying) toItself(e *testlib.Env) {
	s, content := operator(e), randomBytes(e)
	s.put(c.to, content, nil)
	s.put(c.to, nil, header{"X-Copy-From": c.to, "Content-Type": "text/plain; charset=UTF-8"})
	got := s.get(c.to, nil)
	got.has(e, header{"Content-Type": "text/plain; charset=UTF-8"})
	got.contains(e, content)
}

func (c copying) byCopy(e *testlib.Env) {
	s, to := operator(e), c.to
	s.want(http.StatusCreated, "COPY", c.from, nil, header{"Destination": to}).has(e, header{"X-Copied-From": c.from})
	s.get(to, nil).contains(e, c.content)
}

func (c copying) acrossContainers(e *testlib.Env) {
	s, content := operator(e), randomBytes(e)
	other := s.newContainer(nil)
	s.put(c.to, content, nil)
	s.want(http.StatusAccepted, http.MethodPost, c.to, nil, header{"X-Object-Meta-Late": "value"})
	s.newObjectAs(other, "copy", nil, header{"X-Copy-From": c.to})
	got := s.get(at(other, "copy"), nil)
	got.contains(e, content)
	got.has(e, header{"X-Object-Meta-Late": "value"})
}

func (c copying) freshMetadata(e *testlib.Env) {
	s, to := operator(e), c.to
	a := s.want(http.StatusCreated, "COPY", c.from, nil, header{"Destination": to, "X-Fresh-Metadata": "true"})
	a.has(e, header{"X-Object-Meta-Src": "", "X-Copied-From": c.from})
	got := s.get(to, nil)
	got.contains(e, c.content)
	got.has(e, header{"X-Object-Meta-Src": ""})
}

func (c copying) freshMetadataByPut(e *testlib.Env) {
	s, to := operator(e), c.to
	s.put(to, nil, header{"X-Copy-From": c.from, "X-Fresh-Metadata": "true"})
	got := s.get(to, nil)
	got.contains(e, c.content)
	got.has(e, header{"X-Object-Meta-Src": ""})
}

func (c copying) emptyMetadata(e *testlib.Env) {
	s, to := operator(e), c.to
	a := s.want(http.StatusCreated, "COPY", c.from, nil, header{"Destination": to, "X-Object-Meta-Test": ""})
	a.has(e, header{"X-Object-Meta-Src": "src_value", "X-Copied-From": c.from})
	wantEmptyField(e, a, "X-Object-Meta-Test")
	got := s.get(to, nil)
	got.contains(e, c.content)
	got.has(e, header{"X-Object-Meta-Src": "src_value"})
	wantEmptyField(e, got, "X-Object-Meta-Test")
}

func (c copying) moreMetadata(e *testlib.Env) {
	s, to := operator(e), c.to
	want := header{"X-Object-Meta-Src": "src_value", "X-Object-Meta-Test": "value"}
	a := s.want(http.StatusCreated, "COPY", c.from, nil, header{"Destination": to, "X-Object-Meta-Test": "value"})
	a.has(e, want)
	a.has(e, header{"X-Copied-From": c.from})
	got := s.get(to, nil)
	got.contains(e, c.content)
	got.has(e, want)
	got.has(e, header{"Content-Type": "text/x-source"})
}

func (c copying) withSlash(e *testlib.Env) {
	s, to := operator(e), c.target(e)
	s.put(to, nil, header{"X-Copy-From": "/" + c.from})
	s.get(to, nil).contains(e, c.content)
}

func (c copying) ofRange(e *testlib.Env) {
	s, to := operator(e), c.to
	s.put(to, nil, header{"X-Copy-From": c.from, "Range": "bytes=10-19"}).has(e, header{"Etag": md5Of(c.content[10:20])})
	s.get(to, nil).contains(e, c.content[10:20])
}

func (c copying) onCondition(e *testlib.Env) {
	s, to := operator(e), c.target(e)
	s.want(http.StatusPreconditionFailed, http.MethodPut, to, nil,
		header{"X-Copy-From": c.from, "X-Copy-From-If-Match": "none", "If-Match": "none"})
}

func (c copying) withContent(e *testlib.Env) {
	operator(e).want(http.StatusBadRequest, http.MethodPut, at(c.container, "both"), []byte("content"),
		header{"X-Copy-From": c.from})
}

func (c copying) withoutDestination(e *testlib.Env) {
	s := operator(e)
	s.want(http.StatusPreconditionFailed, "COPY", c.from, nil, nil)
	s.want(http.StatusNotFound, "COPY", c.from, nil, header{"Destination": e.Name("none") + "/object"})
}

func TestObjectCopyToAnotherAccount(t *testing.T) {
	e := testlib.Start(t, testlib.ID("d6441f1c-ab58-4884-a933-fea0fdb87303"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	s, other := operator(e), storeOf(e, testlib.AltOperator)
	source := s.newContainer(nil)
	object, content := s.newObject(source, nil)
	open := other.newContainer(header{"X-Container-Write": e.Credential(testlib.ProjectOperator).ProjectID + ":*"})
	closed := other.newContainer(nil)
	other.removeObject(open, object)

	s.want(http.StatusCreated, "COPY", at(source, object), nil,
		header{"Destination": at(open, object), "Destination-Account": other.name()}).
		has(e, header{"X-Copied-From-Account": s.name()})

	other.get(at(open, object), nil).contains(e, content)
	s.want(http.StatusForbidden, "COPY", at(source, object), nil,
		header{"Destination": at(closed, object), "Destination-Account": other.name()})
	other.want(http.StatusForbidden, http.MethodPut, at(closed, object), nil,
		header{"X-Copy-From": at(source, object), "X-Copy-From-Account": s.name()})
}
