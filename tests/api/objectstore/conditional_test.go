//go:build tempest

package objectstore_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib"
)

func TestObjectRead(t *testing.T) {
	e := testlib.Start(t, testlib.ID("61c3622a-78bb-4d9e-9830-b764091e6195"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	name, content := s.newObject(container, header{"X-Object-Meta-Test-Meta": "Meta"})
	path := at(container, name)
	size := strconv.Itoa(len(content))

	e.Run("Plain", func(e *testlib.Env) {
		got := operator(e).get(path, nil)
		got.contains(e, content)
		got.has(e, header{
			"Content-Length": size, "Etag": md5Of(content), "Accept-Ranges": "bytes",
			"Content-Type": "application/octet-stream",
		})
	}, testlib.ID("02610ba7-86b7-4272-9ed8-aa8d417cb3cd"), testlib.Smoke)

	e.Run("WithMetadata", func(e *testlib.Env) {
		got := operator(e).get(path, nil)
		got.has(e, header{"X-Object-Meta-Test-Meta": "Meta"})
		got.contains(e, content)
	}, testlib.ID("005f9bf6-e06d-41ec-968e-96c78e0b1d82"))

	e.Run("Newest", func(e *testlib.Env) {
		s, newest := operator(e), header{"X-Newest": "true"}
		s.get(path, newest).contains(e, content)
		s.head(path, newest).has(e, header{"Etag": md5Of(content)})
	}, testlib.ID("94587078-475f-48f9-a40f-389c246e31cd"))

	e.Run("Range", func(e *testlib.Env) {
		from := e.Rand().IntN(len(content) - 3)
		to := from + 2
		got := operator(e).want(http.StatusPartialContent, http.MethodGet, path, nil,
			header{"Range": "bytes=" + strconv.Itoa(from) + "-" + strconv.Itoa(to)})
		got.contains(e, content[from:to+1])
		got.has(e, header{
			"Content-Length": "3",
			"Content-Range":  "bytes " + strconv.Itoa(from) + "-" + strconv.Itoa(to) + "/" + size,
		})
	}, testlib.ID("05a1890e-7db9-4a6c-90a8-ce998a2bddfa"))

	e.Run("OpenRanges", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=1000-"}).
			contains(e, content[1000:])
		s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=-10"}).
			contains(e, content[len(content)-10:])
		s.want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=1000-9999"}).
			contains(e, content[1000:])
	}, testlib.ID("6741f037-84ec-438b-ab89-2364a5a6627f"))

	e.Run("RangeOutside", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusRequestedRangeNotSatisfiable, http.MethodGet, path, nil,
			header{"Range": "bytes=" + size + "-"}).has(e, header{"Content-Range": "bytes */" + size})
		s.get(path, header{"Range": "lines=1-2"}).contains(e, content) // no range that it knows
	}, testlib.ID("fa20b9f1-b16c-4560-9e73-75151c27592c"), testlib.Negative)

	e.Run("SeveralRanges", func(e *testlib.Env) {
		got := operator(e).want(http.StatusPartialContent, http.MethodGet, path, nil, header{"Range": "bytes=0-9,100-119"})
		wantParts(e, got, []part{
			{"bytes 0-9/" + size, content[:10]}, {"bytes 100-119/" + size, content[100:120]},
		})
	}, testlib.ID("95edc4d3-362a-4c9e-ab5e-5b7479abdf48"))
}

// part is a part of an answer with several ranges.
type part struct {
	where   string // Content-Range
	content []byte
}

// wantParts wants the parts of an answer with several ranges.
func wantParts(e *testlib.Env, a answer, want []part) {
	e.Helper()
	kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/byteranges" {
		e.Fatalf("Content-Type = %q, want multipart/byteranges", a.Header.Get("Content-Type"))
	}
	r := multipart.NewReader(bytes.NewReader(a.Body), params["boundary"])
	for _, w := range want {
		p, err := r.NextRawPart()
		if err != nil {
			e.Fatalf("looking for %s: %v", w.where, err)
		}
		content, err := io.ReadAll(p)
		if err != nil || p.Header.Get("Content-Range") != w.where || !bytes.Equal(content, w.content) {
			e.Errorf("part %s has %d bytes, %v, want %s with %d", p.Header.Get("Content-Range"), len(content), err,
				w.where, len(w.content))
		}
	}
	if p, err := r.NextRawPart(); err != io.EOF {
		e.Errorf("one part more, %v, %v", p, err)
	}
}

func TestObjectReadOnCondition(t *testing.T) {
	e := testlib.Start(t, testlib.ID("c06b1804-a8dc-41da-9538-7abb755705c0"), testlib.Services("object-store"),
		testlib.Credentials(testlib.ProjectOperator))
	s := operator(e)
	container := s.newContainer(nil)
	content := randomBytes(e)
	name, etag, other := e.Name("object"), md5Of(content), md5Of([]byte("something different"))
	s.newObjectAs(container, name, content, header{"Etag": etag})
	path := at(container, name)
	yesterday := time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat)

	e.Run("IfMatch", func(e *testlib.Env) {
		s := operator(e)
		s.get(path, header{"If-Match": etag}).contains(e, content)
		s.want(http.StatusPreconditionFailed, http.MethodGet, path, nil, header{"If-Match": other})
	}, testlib.ID("c05b4013-e4de-47af-be84-e598062b16fc"))

	e.Run("IfNoneMatch", func(e *testlib.Env) {
		operator(e).get(path, header{"If-None-Match": other}).contains(e, content)
	}, testlib.ID("641500d5-1612-4042-a04d-01fc4528bc30"))

	e.Run("OnlyWhenDifferent", func(e *testlib.Env) {
		s := operator(e)
		same := s.want(http.StatusNotModified, http.MethodGet, path, nil, header{"If-None-Match": etag})
		same.has(e, header{"Etag": etag})
		same.contains(e, nil)
		s.get(path, header{"If-None-Match": other}).contains(e, content)
	}, testlib.ID("50d01f12-526f-4360-9ac2-75dd508d7b68"))

	e.Run("IfModifiedSince", func(e *testlib.Env) {
		s := operator(e)
		modified := s.get(path, header{"If-Modified-Since": yesterday})
		modified.contains(e, content)
		s.want(http.StatusNotModified, http.MethodGet, path, nil,
			header{"If-Modified-Since": modified.Header.Get("Last-Modified")})
	}, testlib.ID("be133639-e5d2-4313-9b1f-2d59fc054a16"))

	e.Run("IfUnmodifiedSince", func(e *testlib.Env) {
		s := operator(e)
		s.get(path, header{"If-Unmodified-Since": tomorrow}).contains(e, content)
		s.want(http.StatusPreconditionFailed, http.MethodGet, path, nil, header{"If-Unmodified-Since": yesterday})
	}, testlib.ID("0aa1201c-10aa-467a-bee7-63cbdd463152"))

	e.Run("Head", func(e *testlib.Env) {
		s := operator(e)
		s.want(http.StatusNotModified, http.MethodHead, path, nil, header{"If-None-Match": etag})
		s.want(http.StatusPreconditionFailed, http.MethodHead, path, nil, header{"If-Match": other})
	}, testlib.ID("454081f7-d329-4309-b251-6eb16e214aeb"))

	e.Run("AnyETag", func(e *testlib.Env) {
		s := operator(e)
		s.get(path, header{"If-Match": "*"}).contains(e, content)
		s.want(http.StatusNotModified, http.MethodGet, path, nil, header{"If-None-Match": "*"})
		s.want(http.StatusPreconditionFailed, http.MethodGet, container+"/none", nil, header{"If-Match": "*"})
	}, testlib.ID("6242fa3f-c7ce-480d-bdbd-e3c0e9b3d545"))
}
