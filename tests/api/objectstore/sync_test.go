//go:build tempest

package objectstore_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gotempest/tempest/testlib"
	"github.com/gotempest/tempest/testlib/wait"
)

func TestContainersAreSynchronised(t *testing.T) {
	e := testlib.Start(t, testlib.ID("be008325-1bba-4925-b7dd-93b58f22ce9b"), testlib.Services("object-store"),
		testlib.Slow, testlib.SkipBecause("1317133"), testlib.Feature("object-store", "container_sync"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))

	wantSynchronised(e, func(s store, container string) string { return s.base + at(container) })
}

func TestContainersOfARealmAreSynchronised(t *testing.T) {
	e := testlib.Start(t, testlib.ID("ea4645a1-d147-4976-82f7-e5a7a3065f80"), testlib.Services("object-store"),
		testlib.Slow, testlib.Extension("object-store", "container_sync"),
		testlib.Credentials(testlib.ProjectOperator, testlib.AltOperator))
	cluster := currentCluster(e)

	wantSynchronised(e, func(s store, container string) string {
		return "//" + cluster + "/" + s.name() + "/" + at(container)
	})
}

// currentCluster returns the realm and the cluster, "realm/cluster", that the store says it is.
//
// Source: https://docs.openstack.org/swift/latest/overview_container_sync.html
func currentCluster(e *testlib.Env) string {
	e.Helper()
	var info struct {
		Sync struct {
			Realms map[string]struct {
				Clusters map[string]struct{ Current bool }
			}
		} `json:"container_sync"`
	}
	operator(e).anonymous().root().get("info", nil).into(e, &info)
	for realm, r := range info.Sync.Realms {
		for cluster, c := range r.Clusters {
			if c.Current {
				return realm + "/" + cluster
			}
		}
	}
	e.Skip("/info names no realm that the object store itself is a cluster of")
	return ""
}

// wantSynchronised makes two containers in two accounts that are each other's copies, writes an object to each and
// wants both to have both in the end. target says how one container names the other.
func wantSynchronised(e *testlib.Env, target func(s store, container string) string) {
	e.Helper()
	stores := []store{operator(e), storeOf(e, testlib.AltOperator)}
	containers := []string{stores[0].newContainer(nil), stores[1].newContainer(nil)}
	contents := map[string][]byte{}
	for i, s := range stores {
		other := 1 - i
		s.want(http.StatusNoContent, http.MethodPost, containers[i], nil, header{
			"X-Container-Sync-Key": "sync_key", "X-Container-Sync-To": target(stores[other], containers[other]),
		})
		name, content := e.Name("object"), randomBytes(e)
		s.put(at(containers[i], name), content, nil) // removed with the container, as is its copy
		contents[name] = content
	}

	// The daemon that copies has pauses of some minutes.
	patience := wait.Options{Timeout: 10 * time.Minute, Interval: 5 * time.Second, Log: e.Logf}
	for i, s := range stores {
		_, err := wait.For(e.Context(), wait.Poll[int, string]{
			What:  "container " + containers[i],
			Get:   func(ctx context.Context) (int, error) { return s.count(ctx, containers[i]) },
			State: func(n int) string { return strings.Repeat("object ", n) },
			Want:  []string{"object object "},
		}, patience)
		if err != nil {
			e.Fatal(err)
		}
		for name, content := range contents {
			s.get(at(containers[i], name), nil).contains(e, content)
		}
	}
}

// count returns how many objects a container lists.
func (s store) count(ctx context.Context, container string) (int, error) {
	a, err := s.send(ctx, http.MethodGet, at(container), nil, nil)
	return len(a.lines()), err
}
