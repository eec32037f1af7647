//go:build tempest

package identity_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"

	"github.com/gotempest/tempest/testlib"
)

func TestRegionLife(t *testing.T) {
	e := testlib.Start(t, testlib.ID("851abc50-9573-4bee-922e-b0a9994d3bff"), testlib.Services("identity"),
		testlib.Smoke, testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	id := e.Name("region")

	made := newRegion(e, regions.CreateOpts{ID: id, Description: "of a test"})
	if made.ID != id || made.Description != "of a test" || made.ParentRegionID != "" {
		e.Errorf("created %+v, want %s without parent with its description", made, id)
	}

	read, err := present(regions.Get(e.Context(), admin, id).Extract())
	wantOK(e, "reading the region", err)
	if diff := cmp.Diff(made, read); diff != "" {
		e.Errorf("region mismatch (-created +read):\n%s", diff)
	}

	updated, err := present(regions.Update(e.Context(), admin, id,
		regions.UpdateOpts{Description: new("changed")}).Extract())
	wantOK(e, "updating the region", err)
	if updated.Description != "changed" {
		e.Errorf("description = %q, want %q", updated.Description, "changed")
	}

	wantOK(e, "deleting the region", regions.Delete(e.Context(), admin, id).ExtractErr())
	_, err = regions.Get(e.Context(), admin, id).Extract()
	e.WantStatus("reading a deleted region", err, http.StatusNotFound)
}

func TestRegionGetsID(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f6ff23b8-3c4a-447d-afbb-e3f5a04fb047"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))

	region, err := createRegion(e, regions.CreateOpts{Description: "without id"})

	if err != nil {
		e.Fatalf("creating the region: %v", err)
	}
	if region.ID == "" {
		e.Error("the region has no id, want one that the cloud chose")
	}
}

func TestRegionTree(t *testing.T) {
	e := testlib.Start(t, testlib.ID("9684d57e-dd18-47d4-ae1a-2b080eb6c4cd"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	parent := newRegion(e, regions.CreateOpts{})
	child := newRegion(e, regions.CreateOpts{ParentRegionID: parent.ID})

	listed := list(e, regions.List(admin, regions.ListOpts{ParentRegionID: parent.ID}), regions.ExtractRegions)
	if len(listed) != 1 || listed[0].ID != child.ID || listed[0].ParentRegionID != parent.ID {
		e.Errorf("regions below %s = %+v, want %s", parent.ID, listed, child.ID)
	}

	_, err := regions.Update(e.Context(), admin, parent.ID, regions.UpdateOpts{ParentRegionID: child.ID}).Extract()
	e.WantStatus("putting a region below its child", err, http.StatusBadRequest)

	wantOK(e, "deleting the parent", regions.Delete(e.Context(), admin, parent.ID).ExtractErr())
	e.WantStatus("reading the child of a deleted region",
		regions.Get(e.Context(), admin, child.ID).Err, http.StatusNotFound)
}

func TestRegionIsRefused(t *testing.T) {
	e := testlib.Start(t, testlib.ID("f9b72f66-5875-43f0-bdf8-a2ce7f7f2898"), testlib.Services("identity"),
		testlib.Negative, testlib.Credentials(testlib.ProjectAdmin))

	e.Run("IDInUse", func(e *testlib.Env) {
		_, err := createRegion(e, regions.CreateOpts{ID: newRegion(e, regions.CreateOpts{}).ID})
		e.WantStatus("creating", err, http.StatusConflict)
	}, testlib.ID("3a49247b-4e65-49f5-afcd-9ba0020a2bc4"), testlib.Negative)

	e.Run("UnknownParent", func(e *testlib.Env) {
		_, err := createRegion(e, regions.CreateOpts{ID: e.Name("region"), ParentRegionID: "none"})
		e.WantStatus("creating", err, http.StatusNotFound)
	}, testlib.ID("ed95c27a-4641-4dad-a157-1cd63810e0ac"), testlib.Negative)

	e.Run("TwoIDs", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		url := admin.ServiceURL("regions", e.Name("region"))
		_, err := admin.Put(e.Context(), url, map[string]any{"region": map[string]any{"id": e.Name("other")}}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated}})
		e.WantStatus("creating with one id in the address and another in the body", err, http.StatusBadRequest)
	}, testlib.ID("1ddbb2cb-e6e8-4623-80d4-29a10fd83859"), testlib.Negative)

	e.Run("DeletionWithEndpoint", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		region := newRegion(e, regions.CreateOpts{})
		newEndpoint(e, endpoints.CreateOpts{
			ServiceID: newService(e).ID, Region: region.ID, URL: "http://192.0.2.1/",
		})
		err := regions.Delete(e.Context(), admin, region.ID).ExtractErr()
		e.WantStatus("deleting a region that has an endpoint", err, http.StatusForbidden)
	}, testlib.ID("9c092c15-34d0-4d55-8fa2-ebbeb9d5f463"), testlib.Negative)

	e.Run("Unknown", func(e *testlib.Env) {
		admin := e.Identity(testlib.ProjectAdmin)
		id := e.Name("none")
		e.WantStatus("reading", regions.Get(e.Context(), admin, id).Err, http.StatusNotFound)
		e.WantStatus("updating",
			regions.Update(e.Context(), admin, id, regions.UpdateOpts{Description: new("")}).Err, http.StatusNotFound)
		e.WantStatus("deleting", regions.Delete(e.Context(), admin, id).Err, http.StatusNotFound)
	}, testlib.ID("89f66dab-0e2c-4081-ad12-ce979d625672"), testlib.Negative)
}
