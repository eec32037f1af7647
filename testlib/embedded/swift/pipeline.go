package swift

import "net/http"

// A handler answers a request.
type handler func(*request) *response

// A middleware wraps the handler behind it in the pipeline. It runs once, when
// the service is made; what it returns runs for each request.
//
// The handler it returns may answer itself, hand the request on, changed or
// not, look at the answer and change it, and make requests of its own: see
// [request.sub] and [request.preAuthorized]. Requests of its own go to next,
// so that they pass what stands behind it only.
type middleware func(s *Service, next handler) handler

// middlewares is the pipeline, in the order in which a request passes it. It
// is that of a usual proxy server, without what only makes sense there (logs,
// caches, limits of rates).
func middlewares() []middleware {
	return []middleware{
		gatekeeper,
		healthCheck,
		crossDomain,
		listingFormats,
		bulk,
		tempURL,
		formPost,
		keystoneAuth,
		staticWeb,
		serverSideCopy,
		containerQuotas,
		accountQuotas,
		staticLargeObjects,
		dynamicLargeObjects,
		versionedWrites,
		symlinks,
	}
}

// pipeline returns all middlewares with the proxy behind them.
func (s *Service) pipeline() handler {
	h := handler(s.proxy)
	all := middlewares()
	for i := len(all) - 1; i >= 0; i-- {
		h = all[i](s, h)
	}
	return h
}

func healthCheck(_ *Service, next handler) handler {
	return func(r *request) *response {
		if r.path == "/healthcheck" {
			return plainText(200, "OK")
		}
		return next(r)
	}
}

// crossDomain tells players of Flash in browsers which hosts' pages may use the
// object store.
//
// Source: swift/common/middleware/crossdomain.py, 2.30.
func crossDomain(s *Service, next handler) handler {
	return func(r *request) *response {
		if s.CrossDomainPolicy == "" || r.path != "/crossdomain.xml" || r.method != http.MethodGet {
			return next(r)
		}
		return answer(http.StatusOK, "application/xml", []byte(`<?xml version="1.0"?>`+"\n"+
			`<!DOCTYPE cross-domain-policy SYSTEM "http://www.adobe.com/xml/dtds/cross-domain-policy.dtd" >`+"\n"+
			"<cross-domain-policy>\n"+s.CrossDomainPolicy+"\n</cross-domain-policy>"))
	}
}
