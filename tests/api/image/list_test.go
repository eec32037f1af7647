//go:build tempest

package image_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/pagination"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/config"
	"github.com/gotempest/tempest/testlib/data"
)

// shelf is a project with three images: two with data, of different sizes, and one
// without, of other formats where the cloud takes some.
type shelf struct {
	client              *gophercloud.ServiceClient
	owner               string
	small, large, empty *images.Image
}

const (
	smallSize = 1024
	largeSize = 3000
)

func newShelf(e *testlib.Env) *shelf {
	e.Helper()
	client := e.Image(testlib.ProjectMember)
	own := testlib.Config[config.Core](e).Image
	s := &shelf{client: client, owner: e.Credential(testlib.ProjectMember).ProjectID}
	tags := func() []string { return []string{e.Name("tag"), e.Name("tag")} }
	s.small = newActive(e, client, fields{"visibility": "private", "tags": tags(), "tempest_shelf": "lower"},
		data.Bytes(e.Rand(), smallSize))
	s.large = newActive(e, client, fields{"visibility": "private", "tags": tags(), "tempest_shelf": "upper"},
		data.Bytes(e.Rand(), largeSize))
	s.empty = newImage(e, client, fields{
		"container_format": last(own.ContainerFormats, "bare"), "disk_format": last(own.DiskFormats, "raw"),
	})
	return s
}

// last returns the last of a list, and something else when there is none.
func last(list []string, otherwise string) string {
	if len(list) == 0 {
		return otherwise
	}
	return list[len(list)-1]
}

// list lists images of the project only, which nobody else fills.
func (s *shelf) list(e *testlib.Env, q query) []images.Image {
	e.Helper()
	q["owner"] = s.owner
	return listed(e, s.client, q)
}

// want wants a list to hold just these images, in any order.
func (s *shelf) want(e *testlib.Env, q query, want ...*images.Image) {
	e.Helper()
	got := ids(s.list(e, q))
	wanted := make([]string, 0, len(want))
	for _, image := range want {
		wanted = append(wanted, image.ID)
	}
	if diff := cmp.Diff(wanted, got, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
		e.Errorf("images of %v mismatch (-want +got):\n%s", q, diff)
	}
}

// with returns those of the shelf that fulfil a condition.
func (s *shelf) with(f func(*images.Image) bool) []*images.Image {
	return slices.DeleteFunc([]*images.Image{s.small, s.large, s.empty}, func(i *images.Image) bool { return !f(i) })
}

func TestImagesAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("8f029c1a-cd8c-4dcf-b1da-283690c101b7"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	s := newShelf(e)

	e.Run("All", func(e *testlib.Env) {
		missing := []string{s.small.ID, s.large.ID, s.empty.ID}
		err := images.List(s.client, nil).EachPage(e.Context(), func(_ context.Context, p pagination.Page) (bool, error) {
			page, err := images.ExtractImages(p)
			missing = slices.DeleteFunc(missing, func(id string) bool { return contains(page, id) })
			return len(missing) > 0, err
		})
		wantOK(e, "listing", err)
		if len(missing) > 0 {
			e.Errorf("images %v are not listed", missing)
		}
	}, testlib.ID("1e341d7a-90a9-494c-b143-2cdf2aeb6aee"))

	e.Run("ByContainerFormat", func(e *testlib.Env) {
		format := s.small.ContainerFormat
		s.want(e, query{"container_format": format},
			s.with(func(i *images.Image) bool { return i.ContainerFormat == format })...)
	}, testlib.ID("9959ca1d-1aa7-4b7a-a1ea-0fff0499b37e"))

	e.Run("ByDiskFormat", func(e *testlib.Env) {
		format := s.small.DiskFormat
		s.want(e, query{"disk_format": format},
			s.with(func(i *images.Image) bool { return i.DiskFormat == format })...)
	}, testlib.ID("4a4735a7-f22f-49b6-b0d9-66e1ef7453eb"))

	e.Run("ByVisibility", func(e *testlib.Env) {
		s.want(e, query{"visibility": "private"}, s.small, s.large)
	}, testlib.ID("7a95bb92-d99e-4b12-9718-7bc6ab73e6d2"))

	e.Run("BySize", func(e *testlib.Env) {
		s.want(e, query{"size": strconv.Itoa(largeSize)}, s.large)
		s.want(e, query{"size": strconv.Itoa(smallSize)}, s.small)
	}, testlib.ID("cf1b9a48-8340-480e-af7b-fe7e17690876"))

	e.Run("BySizes", func(e *testlib.Env) {
		s.want(e, query{"size_min": strconv.Itoa(smallSize), "size_max": strconv.Itoa(largeSize - 1)}, s.small)
	}, testlib.ID("4ad8c157-971a-4ba8-aa84-ed61154b1e7f"))

	e.Run("ByStatus", func(e *testlib.Env) {
		s.want(e, query{"status": "active"}, s.small, s.large)
	}, testlib.ID("7fc9e369-0f58-4d05-9aa5-0969e2d59d15"))

	e.Run("UpToLimit", func(e *testlib.Env) {
		s.wantPages(e)
	}, testlib.ID("e914a891-3cc8-4b40-ad32-e0a39ffbddbb"))

	e.Run("ByOwner", func(e *testlib.Env) {
		s.want(e, query{"owner": s.owner}, s.small, s.large, s.empty)
	}, testlib.ID("e9a44b91-31c8-4b40-a332-e0a39ffb4dbb"))

	e.Run("ByName", func(e *testlib.Env) {
		if got := listed(e, s.client, query{"name": s.large.Name}); len(got) != 1 || got[0].ID != s.large.ID {
			e.Errorf("images called %s = %v, want %s alone", s.large.Name, ids(got), s.large.ID)
		}
	}, testlib.ID("55c8f5f5-bfed-409d-a6d5-4caeda985d7b"))

	e.Run("ByTag", func(e *testlib.Env) {
		got := listed(e, s.client, query{"tag": s.large.Tags[0]})
		if len(got) != 1 || got[0].ID != s.large.ID || !slices.Contains(got[0].Tags, s.large.Tags[0]) {
			e.Errorf("images with the tag = %+v, want %s alone, with the tag", got, s.large.ID)
		}
	}, testlib.ID("aa8ac4df-cff9-418b-8d0f-dd9c67b072c9"))

	e.Run("SortedBySize", func(e *testlib.Env) {
		s.wantSorted(e, query{"sort": "size:desc"}, s.large, s.small)
	}, testlib.ID("eeadce49-04e0-43b7-aec7-52535d903e7a"))

	e.Run("SortedByKeyAndDirection", func(e *testlib.Env) {
		s.wantSorted(e, query{"sort_key": "size", "sort_dir": "desc"}, s.large, s.small)
	}, testlib.ID("9faaa0c2-c3a5-43e1-8f61-61c54b409a49"))
}

// wantSorted wants the images with data to be listed in an order.
func (s *shelf) wantSorted(e *testlib.Env, q query, want ...*images.Image) {
	e.Helper()
	q["status"] = "active"
	wanted := make([]string, 0, len(want))
	for _, image := range want {
		wanted = append(wanted, image.ID)
	}
	if diff := cmp.Diff(wanted, ids(s.list(e, q))); diff != "" {
		e.Errorf("order of images by %v mismatch (-want +got):\n%s", q, diff)
	}
}

// wantPages wants a list with the limit of one image to have a page for each.
func (s *shelf) wantPages(e *testlib.Env) {
	e.Helper()
	found := map[string]bool{}
	q := query{"limit": "1", "owner": s.owner}
	err := images.List(s.client, q).EachPage(e.Context(), func(_ context.Context, p pagination.Page) (bool, error) {
		page, err := images.ExtractImages(p)
		if err != nil {
			return false, err
		}
		if len(page) != 1 {
			e.Errorf("a page has %d images, want 1", len(page))
		}
		for _, id := range ids(page) {
			found[id] = true
		}
		return true, nil
	})
	wantOK(e, "listing", err)
	if len(found) != len(s.with(func(*images.Image) bool { return true })) {
		e.Errorf("pages have images %v, want all of the project", found)
	}
}

func TestImagesAreFiltered(t *testing.T) {
	e := testlib.Start(t, testlib.ID("5c9c026c-4416-4066-a325-4a7f0b1b0c78"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	s := newShelf(e)

	e.Run("ByAnyOfSeveral", func(e *testlib.Env) {
		s.want(e, query{"id": "in:" + s.small.ID + "," + s.empty.ID}, s.small, s.empty)
		s.want(e, query{"name": "in:" + s.small.Name + "," + s.large.Name}, s.small, s.large)
		s.want(e, query{"status": "in:queued,saving"}, s.empty)
	}, testlib.ID("e42aadc0-486e-44c5-8df1-8b7514bf715a"))

	e.Run("ByProperty", func(e *testlib.Env) {
		s.want(e, query{"tempest_shelf": "upper"}, s.large)
		s.want(e, query{"tempest_shelf": "none"})
	}, testlib.ID("d48f1c2a-b3ee-4467-a795-9e11c4eae736"))

	e.Run("ByTime", func(e *testlib.Env) {
		at := s.small.CreatedAt.Format(time.RFC3339)
		s.want(e, query{"created_at": "gte:" + at}, s.small, s.large, s.empty)
		s.want(e, query{"created_at": "lt:" + at})
		s.want(e, query{"updated_at": "lt:" + at})
	}, testlib.ID("e952470b-952f-4611-a3ee-27fa83406a97"))

	e.Run("ByProtection", func(e *testlib.Env) {
		s.want(e, query{"protected": "true"})
		s.want(e, query{"protected": "false"}, s.small, s.large, s.empty)
	}, testlib.ID("ffb5ecf8-4732-45b9-8b45-784cd657f23b"))

	e.Run("ByTwoTags", func(e *testlib.Env) {
		both := func(first, second string) []images.Image {
			return list(e, images.List(s.client, images.ListOpts{Tags: []string{first, second}}), images.ExtractImages)
		}
		if got := both(s.large.Tags[0], s.large.Tags[1]); len(got) != 1 || got[0].ID != s.large.ID {
			e.Errorf("images with both tags of %s = %v, want it alone", s.large.ID, ids(got))
		}
		if got := both(s.large.Tags[0], s.small.Tags[0]); len(got) != 0 {
			e.Errorf("images with tags of two images = %v, want none", ids(got))
		}
	}, testlib.ID("878c3bc9-6326-4eb7-92bf-27cecf3ca43c"))

	e.Run("SortedBySeveralKeys", func(e *testlib.Env) {
		s.wantSorted(e, query{"sort": "status:asc,size:asc"}, s.small, s.large)
		s.wantSorted(e, query{"sort": "container_format,size:desc"}, s.large, s.small)
	}, testlib.ID("75f11cf8-2537-403d-ac4b-3b1fbbe23887"))

	e.Run("PagesFollowTheOrder", func(e *testlib.Env) {
		first := s.list(e, query{"sort": "size:desc", "status": "active"})[0]
		s.want(e, query{"sort": "size:desc", "status": "active", "marker": first.ID}, s.small)
	}, testlib.ID("dc6d3079-ea58-4db6-9db1-98cf2a7ea344"))
}

func TestListIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("1133657f-0804-4bf8-822b-98aec33bc2a2"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)

	for _, query := range []string{
		"limit=-1", "limit=x", "sort_key=wrong", "sort_dir=wrong", "sort=name:up", "sort=name&sort_key=size",
		"visibility=wrong", "member_status=wrong", "size_min=x", "created_at=gt:wrong", "updated_at=wrong:x",
		"os_hidden=wrong", "protected=wrong", `name=in:"open`, "marker=" + data.UUID(e.Rand()),
	} {
		_, err := get[object](e.Context(), client, "images?"+query)
		e.WantStatus("listing images by "+query, err, http.StatusBadRequest)
	}
}

func TestLastPageHasNoNext(t *testing.T) {
	e := testlib.Start(t, testlib.ID("61943ad8-d615-4317-a50f-7898ff2b6667"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, nil)

	var page struct {
		Images []struct{ ID string }
		Next   string
	}
	_, err := client.Get(e.Context(), client.ServiceURL("images")+"?limit=2&name="+image.Name, &page, nil)
	wantOK(e, "listing", err)
	if len(page.Images) != 1 || page.Images[0].ID != image.ID || page.Next != "" {
		e.Errorf("page of two = %+v, want image %s and no next page", page, image.ID)
	}
}
