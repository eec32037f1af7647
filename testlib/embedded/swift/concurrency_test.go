package swift

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
)

// TestNothingIsLostAmongManyAtOnce has several clients put, copy, list and
// delete in one container.
func TestNothingIsLostAmongManyAtOnce(t *testing.T) {
	const clients, objects = 8, 20
	s, _ := newService(t)
	s.do(t, http.MethodPut, "/c", "")

	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for n := range objects {
				path := fmt.Sprintf("/c/%d-%d", client, n)
				s.do(t, http.MethodPut, path, "data")
				s.do(t, http.MethodPut, path+"-copy", "", "X-Copy-From: "+path)
				s.do(t, http.MethodPost, path, "", "X-Object-Meta-Color: red")
				s.do(t, http.MethodGet, "/c?delimiter=-&format=json", "")
				s.do(t, http.MethodDelete, path+"-copy", "")
			}
		})
	}
	all.Wait()

	h := s.do(t, http.MethodHead, "/c", "").Header
	if got, want := h.Get("X-Container-Object-Count"), strconv.Itoa(clients*objects); got != want {
		t.Errorf("object count = %s, want %s", got, want)
	}
	if got, want := h.Get("X-Container-Bytes-Used"), strconv.Itoa(clients*objects*len("data")); got != want {
		t.Errorf("bytes used = %s, want %s", got, want)
	}
	used := s.do(t, http.MethodHead, "", "").Header.Get("X-Account-Bytes-Used")
	if want := h.Get("X-Container-Bytes-Used"); used != want {
		t.Errorf("the account has %s bytes, its one container %s", used, want)
	}
}
