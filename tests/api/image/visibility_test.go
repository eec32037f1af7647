//go:build tempest

package image_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/gotempest/tempest/testlib"
)

// TestVisibility makes one image of each visibility and looks at it from another project: whether it is in the list
// that is asked for without a visibility, in that of its visibility, and whether it and its data can be read.
func TestVisibility(t *testing.T) {
	e := testlib.Start(t, testlib.ID("bc0dfb0d-67e1-476d-8209-608ddd969b4a"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectAdmin, testlib.ProjectMember, testlib.AltMember))
	stranger := e.Image(testlib.AltMember)
	content := sample(e)
	check := func(e *testlib.Env, maker testlib.Persona, visibility string, inAll, inOwn, readable bool) {
		e.Helper()
		owner := e.Image(maker)
		image := newActive(e, owner, fields{"visibility": visibility}, content)
		if string(image.Visibility) != visibility {
			e.Errorf("visibility = %s, want %s", image.Visibility, visibility)
		}
		if !lists(e, owner, image) {
			e.Error("the image is not in the list of its own project")
		}
		if got := lists(e, stranger, image); got != inAll {
			e.Errorf("a stranger's list has the image: %v, want %v", got, inAll)
		}
		of := query{"name": image.Name, "visibility": visibility}
		if got := contains(listed(e, stranger, of), image.ID); got != inOwn {
			e.Errorf("a stranger's list of %s images has the image: %v, want %v", visibility, got, inOwn)
		}
		_, err := images.Get(e.Context(), stranger, image.ID).Extract()
		if !readable {
			e.WantStatus("a stranger reading the image", err, http.StatusNotFound)
			_, err = fetch(e, stranger, image.ID, nil)
			e.WantStatus("a stranger reading the data", err, http.StatusNotFound)
			e.WantStatus("a stranger deleting the image",
				images.Delete(e.Context(), stranger, image.ID).ExtractErr(), http.StatusNotFound)
			return
		}
		wantOK(e, "a stranger reading the image", err)
		wantData(e, stranger, image.ID, content)
		refuseUpdate(e, stranger, image.ID, "a stranger renaming the image", http.StatusForbidden,
			replace("/name", e.Name("mine")))
		e.WantStatus("a stranger deleting the image",
			images.Delete(e.Context(), stranger, image.ID).ExtractErr(), http.StatusForbidden)
	}

	e.Run("Private", func(e *testlib.Env) {
		check(e, testlib.ProjectMember, "private", false, false, false)
	}, testlib.ID("6e074d74-7e1b-45aa-b72e-a82166ceba0e"))
	e.Run("Shared", func(e *testlib.Env) {
		check(e, testlib.ProjectMember, "shared", false, false, false)
	}, testlib.ID("aab0742e-0a08-4ce0-a198-b65fdc013d7e"))
	e.Run("Community", func(e *testlib.Env) {
		check(e, testlib.ProjectMember, "community", false, true, true)
	}, testlib.ID("8c9ff3e4-03bf-4fae-a9df-bab60532c516"))
	e.Run("Public", func(e *testlib.Env) {
		check(e, testlib.ProjectAdmin, "public", true, true, true)
	}, testlib.ID("631d2d0a-57df-40ee-9fa9-8c1a4ef16ccb"))
}

func TestVisibilityIsChanged(t *testing.T) {
	e := testlib.Start(t, testlib.ID("77ec14d5-0252-4a06-ad04-3287d635a8c3"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	owner, stranger := e.Image(testlib.ProjectMember), e.Image(testlib.AltMember)
	image := newImage(e, owner, nil)
	if image.Visibility != images.ImageVisibilityShared {
		e.Errorf("visibility of an image that was made without one = %s, want shared", image.Visibility)
	}
	seen := func() error { return images.Get(e.Context(), stranger, image.ID).Err }
	e.WantStatus("a stranger reading a shared image", seen(), http.StatusNotFound)

	update(e, owner, image.ID, replace("/visibility", "community"))
	wantOK(e, "a stranger reading a community image", seen())
	update(e, owner, image.ID, replace("/visibility", "private"))
	e.WantStatus("a stranger reading a private image", seen(), http.StatusNotFound)

	refuseUpdate(e, owner, image.ID, "a member publishing an image", http.StatusForbidden,
		replace("/visibility", "public"))
	refuseUpdate(e, owner, image.ID, "an unknown visibility", http.StatusBadRequest, replace("/visibility", "wrong"))
}

func TestPublicImageIsMadeByAdmins(t *testing.T) {
	e := testlib.Start(t, testlib.ID("b60b9086-d11d-4b23-8682-e44b2e10775b"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember))

	_, err := createImage(e, e.Image(testlib.ProjectMember), fields{"name": e.Name("image"), "visibility": "public"})

	e.WantStatus("a member making a public image", err, http.StatusForbidden)
}

func TestHiddenImage(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f4580f9d-4c94-4520-90b0-8dfe263e2c0d"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember))
	client := e.Image(testlib.ProjectMember)
	image := newImage(e, client, fields{"os_hidden": true})
	if !image.Hidden {
		e.Errorf("created %+v, want it hidden", image)
	}

	if lists(e, client, image) {
		e.Error("a hidden image is listed")
	}
	if !contains(listed(e, client, query{"name": image.Name, "os_hidden": "true"}), image.ID) {
		e.Error("a hidden image is not among the hidden ones")
	}
	show(e, client, image.ID)

	update(e, client, image.ID, replace("/os_hidden", false))
	if !lists(e, client, image) {
		e.Error("an image that is hidden no more is not listed")
	}
}

func TestSharingIsGuarded(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3342020c-4744-4910-a2a5-62b2fe114a04"), testlib.Services("image"), testlib.Negative,
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	l := newLoan(e)
	create := func(imageID, projectID string) error {
		return members.Create(e.Context(), l.owner, imageID, projectID).Err
	}

	e.Run("Twice", func(e *testlib.Env) {
		l.share(e)
		e.WantStatus("sharing twice", create(l.image.ID, l.guestID), http.StatusConflict)
	}, testlib.ID("22a36c4f-84d3-47ca-a6a3-a8b9751e19c3"), testlib.Negative)

	e.Run("PrivateImage", func(e *testlib.Env) {
		private := newImage(e, l.owner, fields{"visibility": "private"})
		e.WantStatus("sharing a private image", create(private.ID, l.guestID), http.StatusForbidden)
	}, testlib.ID("a549df47-9707-4c56-bb13-d4fe75f62ac6"), testlib.Negative)

	e.Run("NobodyElse", func(e *testlib.Env) {
		e.WantStatus("sharing with nobody", create(l.image.ID, ""), http.StatusBadRequest)
		e.WantStatus("reading a member that there is not",
			members.Get(e.Context(), l.owner, l.image.ID, l.guestID).Err, http.StatusNotFound)
		e.WantStatus("removing a member that there is not",
			members.Delete(e.Context(), l.owner, l.image.ID, l.guestID).ExtractErr(), http.StatusNotFound)
	}, testlib.ID("2eb6e473-4132-4f2d-b95c-7fd0a3f064bd"), testlib.Negative)

	e.Run("Guest", func(e *testlib.Env) {
		l.share(e)
		own := e.Credential(testlib.ProjectMember).ProjectID
		e.WantStatus("a guest sharing the image",
			members.Create(e.Context(), l.guest, l.image.ID, own).Err, http.StatusForbidden)
		e.WantStatus("a guest removing a member",
			members.Delete(e.Context(), l.guest, l.image.ID, l.guestID).ExtractErr(), http.StatusForbidden)
		refuseUpdate(e, l.guest, l.image.ID, "a guest renaming the image", http.StatusForbidden,
			replace("/name", e.Name("mine")))
		got := list(e, members.List(l.guest, l.image.ID), members.ExtractMembers)
		if len(got) != 1 || got[0].MemberID != l.guestID {
			e.Errorf("members for a guest = %+v, want itself alone", got)
		}
	}, testlib.ID("195239c2-020c-4f0d-a9f1-a136abc8d4cf"), testlib.Negative)

	e.Run("Stranger", func(e *testlib.Env) {
		_, err := members.List(l.guest, l.image.ID).AllPages(e.Context())
		e.WantStatus("a stranger listing members", err, http.StatusNotFound)
		e.WantStatus("a stranger accepting", l.answer(e, "accepted"), http.StatusNotFound)
	}, testlib.ID("1ab1a8b2-ad24-4210-94ad-ee59848cfbbb"), testlib.Negative)
}
