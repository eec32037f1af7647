//go:build tempest

package identity_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/endpoints"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/regions"

	"github.com/gotempest/tempest/testlib"
)

func TestRegions(t *testing.T) {
	e := testlib.Start(t, testlib.ID("851abc50-9573-4bee-922e-b0a9994d3bff"), testlib.Services("identity"),
		testlib.Credentials(testlib.ProjectAdmin))
	admin := e.Identity(testlib.ProjectAdmin)
	first := newRegion(e, regions.CreateOpts{Description: "of a test"})
	second := newRegion(e, regions.CreateOpts{})
	child := newRegion(e, regions.CreateOpts{Description: "of a test", ParentRegionID: first.ID})

	e.Run("Listed", func(e *testlib.Env) {
		listed := list(e, regions.List(admin, nil), regions.ExtractRegions)
		for _, want := range []*regions.Region{first, second} {
			if !slices.ContainsFunc(listed, func(r regions.Region) bool { return cmp.Equal(r, *want) }) {
				e.Errorf("regions lack %+v", want)
			}
		}
	}, testlib.ID("d180bf99-544a-445c-ad0d-0c0d27663796"))

	e.Run("ListedByParent", func(e *testlib.Env) {
		listed := list(e, regions.List(admin, regions.ListOpts{ParentRegionID: first.ID}), regions.ExtractRegions)
		if diff := cmp.Diff([]regions.Region{*child}, listed); diff != "" {
			e.Errorf("regions below %s mismatch (-want +got):\n%s", first.ID, diff)
		}
	}, testlib.ID("2d1057cb-bbde-413a-acdf-e2d265284542"))

	e.Run("CreatedWithID", func(e *testlib.Env) {
		id := e.Name("region")
		var body struct {
			Region *regions.Region `json:"region"`
		}
		err := ask(e, admin, "PUT", "regions/"+id, object{"region": object{"description": "of a test"}}, &body)
		if err != nil || body.Region == nil {
			e.Fatalf("creating region %s: %v", id, err)
		}
		removeRegion(e, id)
		if body.Region.ID != id || body.Region.Description != "of a test" || body.Region.ParentRegionID != "" {
			e.Errorf("created %+v, want %s without parent with its description", body.Region, id)
		}
	}, testlib.ID("2c12c5b5-efcf-4aa5-90c5-bff1ab0cdbe2"), testlib.Smoke)

	e.Run("Life", func(e *testlib.Env) { checkRegionLife(e, first, second, child) },
		testlib.ID("56186092-82e4-43f2-b954-91013218ba42"))
}

// checkRegionLife moves a region from below one to below another, and deletes it.
func checkRegionLife(e *testlib.Env, first, second, child *regions.Region) {
	e.Helper()
	admin := e.Identity(testlib.ProjectAdmin)
	if child.Description != "of a test" || child.ParentRegionID != first.ID {
		e.Errorf("created %+v, want one below %s with its description", child, first.ID)
	}
	updated, err := present(regions.Update(e.Context(), admin, child.ID,
		regions.UpdateOpts{Description: new("changed"), ParentRegionID: second.ID}).Extract())
	wantOK(e, "updating the region", err)
	read, err := present(regions.Get(e.Context(), admin, child.ID).Extract())
	wantOK(e, "reading the region", err)
	if diff := cmp.Diff(updated, read); diff != "" {
		e.Errorf("region mismatch (-updated +read):\n%s", diff)
	}
	if read.Description != "changed" || read.ParentRegionID != second.ID {
		e.Errorf("updated to %+v, want one below %s with the new description", read, second.ID)
	}

	wantOK(e, "deleting the region", regions.Delete(e.Context(), admin, child.ID).ExtractErr())
	listed := list(e, regions.List(admin, nil), regions.ExtractRegions)
	if slices.ContainsFunc(listed, func(r regions.Region) bool { return r.ID == child.ID }) {
		e.Errorf("region %s is listed after its deletion", child.ID)
	}
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
