package swift

import "net/http"

// maxFileSize is the largest object, in bytes.
const maxFileSize = 5<<30 + 2

// infoController answers /info: what this Swift can do.
func (s *Service) infoController() controller {
	get := func(r *request) *response {
		_, signature := r.param("swiftinfo_sig")
		_, expires := r.param("swiftinfo_expires")
		if signature || expires {
			return fail(http.StatusForbidden) // no key is set for what only administrators may see
		}
		resp := answer(http.StatusOK, "application/json; charset=UTF-8", []byte(s.capabilities()))
		if origin := r.header.Get("Origin"); origin != "" {
			resp.with("Access-Control-Allow-Origin", origin).with("Access-Control-Expose-Headers", "x-trans-id")
		}
		return resp
	}
	return controller{
		methods: map[string]func(*request) *response{
			"GET": get, "HEAD": get, "OPTIONS": func(*request) *response {
				return empty(http.StatusOK).with("Allow", "OPTIONS, GET, HEAD")
			},
		},
		delayed: []string{"GET", "HEAD", "OPTIONS"}, // anybody may know
	}
}

// capabilities is what this service can do.
func (s *Service) capabilities() string {
	if s.CrossDomainPolicy == "" {
		return capabilities
	}
	return `{"crossdomain": {}, ` + capabilities[1:]
}

// capabilities is the answer of a Swift 2.30 with the pipeline of this package.
const capabilities = `{"swift": {"version": "2.30.1", "strict_cors_mode": true, "policies": [{"name": "Policy-0", ` +
	`"aliases": "Policy-0, yellow, orange", "default": true}], "allow_account_management": true, ` +
	`"account_autocreate": true, "max_file_size": 5368709122, "max_meta_name_length": 128, ` +
	`"max_meta_value_length": 256, ` +
	`"max_meta_count": 90, "max_meta_overall_size": 4096, "max_header_size": 8192, ` +
	`"max_object_name_length": 1024, "container_listing_limit": 10000, "account_listing_limit": 10000, ` +
	`"max_account_name_length": 256, "max_container_name_length": 256, "extra_header_count": 0}, ` +
	`"symlink": {"symloop_max": 2, "static_links": true}, ` +
	`"versioned_writes": {"allowed_flags": ["x-versions-location", "x-history-location"]}, ` +
	`"object_versioning": {}, "slo": {"max_manifest_segments": 1000, "max_manifest_size": 8388608, ` +
	`"yield_frequency": 10, "min_segment_size": 1, "allow_async_delete": false}, "account_quotas": {}, ` +
	`"container_quotas": {}, "staticweb": {}, "formpost": {"allowed_digests": ["sha1", "sha256", "sha512"], ` +
	`"deprecated_digests": ["sha1"]}, "ratelimit": {"account_ratelimit": 0.0, "max_sleep_time_seconds": 60.0, ` +
	`"container_ratelimits": [], "container_listing_ratelimits": []}, ` +
	`"tempurl": {"methods": ["GET", "HEAD", "PUT", "POST", "DELETE"], "incoming_remove_headers": ["x-timestamp"], ` +
	`"incoming_allow_headers": [], "outgoing_remove_headers": ["x-object-meta-*"], ` +
	`"outgoing_allow_headers": ["x-object-meta-public-*"], "allowed_digests": ["sha1", "sha256", "sha512"], ` +
	`"deprecated_digests": ["sha1"]}, "bulk_upload": {"max_containers_per_extraction": 10000, ` +
	`"max_failed_extractions": 1000}, "bulk_delete": {"max_deletes_per_request": 10000, ` +
	`"max_failed_deletes": 1000}}`
