//go:build tempest

package image_test

import (
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/members"

	"github.com/gotempest/tempest/testlib"
)

// loan is an image of one project and a second project that it may be shared with.
type loan struct {
	owner, guest *gophercloud.ServiceClient
	image        *images.Image
	guestID      string // of the second project
}

func newLoan(e *testlib.Env) *loan {
	e.Helper()
	owner := e.Image(testlib.ProjectMember)
	return &loan{
		owner: owner, guest: e.Image(testlib.AltMember),
		image:   newImage(e, owner, nil),
		guestID: e.Credential(testlib.AltMember).ProjectID,
	}
}

// share shares the image until the test ends.
func (l *loan) share(e *testlib.Env) *members.Member {
	e.Helper()
	return share(e, l.owner, l.image.ID, l.guestID)
}

// answer says as the guest whether the image is welcome.
func (l *loan) answer(e *testlib.Env, status string) error {
	return answerShare(e, l.guest, l.image.ID, l.guestID, status)
}

// wantListed wants the guest to have the image in its list, or not.
func (l *loan) wantListed(e *testlib.Env, when string, want bool) {
	e.Helper()
	if got := lists(e, l.guest, l.image); got != want {
		e.Errorf("the image is in the guest's list %s: %v, want %v", when, got, want)
	}
}

// wantMember wants a member to be the guest, with a status.
func (l *loan) wantMember(e *testlib.Env, got *members.Member, status string) {
	e.Helper()
	if got.MemberID != l.guestID || got.ImageID != l.image.ID || got.Status != status {
		e.Errorf("member = %+v, want %s of image %s, %s", got, l.guestID, l.image.ID, status)
	}
}

func TestImageIsShared(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ec567a44-5183-435e-8eb5-298097ed92f2"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	l := newLoan(e)

	e.Run("Accepted", func(e *testlib.Env) {
		l.wantMember(e, l.share(e), "pending")
		l.wantListed(e, "before it has accepted", false)
		wantOK(e, "accepting", l.answer(e, "accepted"))
		l.wantListed(e, "when it has accepted", true)

		got := list(e, members.List(l.owner, l.image.ID), members.ExtractMembers)
		if len(got) != 1 {
			e.Fatalf("members = %+v, want one", got)
		}
		l.wantMember(e, &got[0], "accepted")
	}, testlib.ID("5934c6ea-27dc-4d6e-9421-eeb5e045494a"))

	e.Run("Rejected", func(e *testlib.Env) {
		l.wantMember(e, l.share(e), "pending")
		l.wantListed(e, "before it has rejected", false)
		wantOK(e, "rejecting", l.answer(e, "rejected"))
		l.wantListed(e, "when it has rejected", false)
	}, testlib.ID("d9e83e5f-3524-4b38-a900-22abcb26e90e"))

	e.Run("MemberIsRead", func(e *testlib.Env) {
		l.share(e)
		wantOK(e, "accepting", l.answer(e, "accepted"))
		l.wantListed(e, "when it has accepted", true)

		got, err := members.Get(e.Context(), l.owner, l.image.ID, l.guestID).Extract()
		wantOK(e, "reading the member", err)
		l.wantMember(e, got, "accepted")
	}, testlib.ID("a6ee18b9-4378-465e-9ad9-9a6de58a3287"))

	e.Run("NoLonger", func(e *testlib.Env) {
		l.share(e)
		wantOK(e, "accepting", l.answer(e, "accepted"))
		l.wantListed(e, "when it has accepted", true)

		wantOK(e, "removing the member", members.Delete(e.Context(), l.owner, l.image.ID, l.guestID).ExtractErr())
		l.wantListed(e, "when it is no member any more", false)
	}, testlib.ID("72989bc7-2268-48ed-af22-8821e835c914"))

	e.Run("UnknownAnswer", func(e *testlib.Env) {
		l.wantMember(e, l.share(e), "pending")
		e.WantStatus("answering with an unknown status", l.answer(e, "notavalidstatus"), http.StatusBadRequest)
	}, testlib.ID("b79efb37-820d-4cf0-b54c-308b00cf842c"), testlib.Negative)

	e.Run("OwnerMayNotAccept", func(e *testlib.Env) {
		l.wantMember(e, l.share(e), "pending")
		l.wantListed(e, "before the owner has tried", false)
		e.WantStatus("accepting in place of the member",
			answerShare(e, l.owner, l.image.ID, l.guestID, "accepted"), http.StatusForbidden)
		l.wantListed(e, "when the owner has tried", false)
	}, testlib.ID("27002f74-109e-4a37-acd0-f91cd4597967"), testlib.Negative)
}

func TestOfferedImagesAreListed(t *testing.T) {
	e := testlib.Start(t, testlib.ID("3fa50be4-8e38-4c02-a8db-7811bb780122"), testlib.Services("image"),
		testlib.Credentials(testlib.ProjectMember, testlib.AltMember))
	l := newLoan(e)
	upload(e, l.owner, l.image.ID, sample(e))
	l.share(e)

	got := listed(e, l.guest, query{"member_status": "pending", "visibility": "shared"})

	if len(got) != 1 || got[0].ID != l.image.ID {
		e.Errorf("offered images = %v, want %s alone", ids(got), l.image.ID)
	}
}
