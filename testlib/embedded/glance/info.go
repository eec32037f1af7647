package glance

import (
	"net/http"
	"strings"
)

// dataDir is where the store says that it keeps images. There is no such
// folder.
const dataDir = "/var/lib/glance/images"

func (s *Service) infoRoutes(rt *router) {
	rt.add("/info/import", onBare(http.MethodGet, showImportMethods))
	rt.add("/info/stores", onBare(http.MethodGet, listStores))
	rt.add("/info/stores/detail", onBare(http.MethodGet, describeStores))
	rt.add("/info/usage", on(http.MethodGet, showUsage)).missing = true
	rt.add("/cache", onBare(http.MethodGet, refuseCache("cache_list")),
		on(http.MethodDelete, refuseCache("cache_delete")))
	rt.add("/cache/{image_id}", on(http.MethodDelete, deleteCached), on(http.MethodPut, cacheImage))
}

func showImportMethods(*request) (*response, error) {
	return ok(object{"import-methods": object{
		"description": "Import methods available.", "type": "array", "value": strings.Split(importMethods, ","),
	}})
}

func listStores(*request) (*response, error) {
	return ok(object{"stores": []ordered{{{"id", storeName}, {"default", "true"}}}})
}

func describeStores(r *request) (*response, error) {
	if !r.caller.admin {
		return nil, notAllowed("stores_info_detail")
	}
	return ok(object{"stores": []object{{
		"id": storeName, "default": "true", "type": "file",
		"properties": object{"data_dir": dataDir, "chunk_size": 65536, "thin_provisioning": false},
	}}})
}

// showUsage tells nothing: there are no limits in Keystone that count.
func showUsage(*request) (*response, error) { return ok(object{"usage": object{}}) }

// refuseCache answers what needs a cache, which there is not.
func refuseCache(action string) handler {
	return func(r *request) (*response, error) {
		if !r.caller.admin {
			return nil, notAllowed(action)
		}
		return nil, notFound("Caching via API is not supported at this site.")
	}
}

func deleteCached(r *request) (*response, error) {
	if _, err := r.image(r.vars["image_id"]); err != nil {
		return nil, statusError(http.StatusInternalServerError) // Glance without a cache fails on it
	}
	return refuseCache("cache_delete")(r)
}

func cacheImage(r *request) (*response, error) {
	id := r.vars["image_id"]
	if _, err := r.image(id); err != nil {
		return nil, notFound("Image %s not found.", id)
	}
	return refuseCache("cache_image")(r)
}
