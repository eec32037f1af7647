package swift

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strings"
)

// staticWeb serves a container as a web site to who has no token: pages for
// folders, listings, pages for errors, as the metadata of the container say.
//
// Source: swift/common/middleware/staticweb.py, 2.30.
func staticWeb(s *Service, next handler) handler {
	return func(r *request) *response {
		p, ok := splitPath(r.path, 2, 4, true)
		if !ok || !r.reads() || p[2] == "" || r.remote && !isTrue(r.header.Get("X-Web-Mode")) {
			return next(r)
		}
		w := webSite{s: s, next: next, r: r, container: "/" + p[0] + "/" + p[1] + "/" + p[2], object: p[3]}
		w.read(s.containerInfo(p[1], p[2]))
		if p[3] == "" {
			return w.front()
		}
		return w.page()
	}
}

// webSite is a container that is served as a web site.
type webSite struct {
	s         *Service
	next      handler
	r         *request
	container string // path
	object    string // name of what is asked for; empty for the container

	readers                                          string // access list
	index, failure, listings, label, css, folderType string // metadata
}

// read takes in what the container says of the site.
func (w *webSite) read(i info) {
	meta := func(name string) string {
		text, _ := i.meta("Container", "Web-"+name)
		return strings.TrimSpace(text)
	}
	w.readers = i.header.Get("X-Container-Read")
	w.index, w.failure, w.listings = meta("Index"), meta("Error"), meta("Listings")
	w.label, w.css, w.folderType = meta("Listings-Label"), meta("Listings-Css"), meta("Directory-Type")
	if w.folderType == "" {
		w.folderType = "application/directory"
	}
}

// at asks for another path than that of the request.
func (w *webSite) at(path string) *response {
	get := w.r.clone()
	get.path, get.source = path, "SW"
	return w.next(get)
}

// front answers a request for the container itself.
func (w *webSite) front() *response {
	if refused := w.r.check(w.readers); refused != nil {
		return w.refuse(refused)
	}
	switch {
	case w.listings == "" && w.index == "" && isTrue(w.r.header.Get("X-Web-Mode")):
		return fail(http.StatusNotFound)
	case w.listings == "" && w.index == "":
		return w.next(w.r)
	case !strings.HasSuffix(w.r.path, "/"):
		return w.withSlash()
	case w.index == "":
		return w.listing("")
	}
	resp := w.at(w.r.path + w.index)
	switch {
	case resp.status == http.StatusNotFound:
		return w.listing("")
	case resp.status >= http.StatusBadRequest:
		return w.refuse(resp)
	}
	return resp
}

// page answers a request for an object, which may be a folder of the site.
func (w *webSite) page() *response {
	resp := w.at(w.r.path)
	if resp.status < http.StatusBadRequest && !w.isFolder(resp) {
		return resp
	}
	switch {
	case resp.status >= http.StatusBadRequest && resp.status != http.StatusNotFound:
		return resp // pages for errors are for what is not found
	case w.listings == "" && w.index == "":
		return resp
	}
	path := w.r.path
	slash := strings.HasSuffix(path, "/")
	if w.index != "" {
		index := w.at(strings.TrimSuffix(path, "/") + "/" + w.index)
		switch {
		case index.status < http.StatusBadRequest && !slash:
			return w.withSlash()
		case index.status < http.StatusBadRequest:
			return index
		}
	}
	if slash {
		return w.listing(w.object)
	}
	list := w.r.sub(http.MethodGet, w.container, "SW").withQuery("limit", "1").withQuery("delimiter", "/").
		withQuery("prefix", w.object+"/")
	if found := w.next(list); !found.ok() || found.listing == nil || len(found.listing.items) == 0 {
		return w.refuse(fail(http.StatusNotFound))
	}
	return w.withSlash()
}

// isFolder reports whether an object only marks a folder.
func (w *webSite) isFolder(resp *response) bool {
	return resp.header.Get("Content-Type") == w.folderType && resp.size() <= 1
}

// withSlash sends the browser to the same page with a slash at the end.
func (w *webSite) withSlash() *response {
	return fail(http.StatusMovedPermanently).with("Location", quote(w.r.path+"/"))
}

// refuse is an error, with the page that the site has for it.
func (w *webSite) refuse(resp *response) *response {
	if w.failure == "" {
		return resp
	}
	own := w.next(w.r.sub(http.MethodGet, fmt.Sprintf("%s/%d%s", w.container, resp.status, w.failure), "SW"))
	if !own.ok() {
		return resp
	}
	own.status = resp.status
	return own
}

const webDocType = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" ` +
	`"http://www.w3.org/TR/html4/loose.dtd">` + "\n"

// escapeHTML escapes text as Swift does.
func escapeHTML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace(text)
}

// title is what a listing is called.
func (w *webSite) title() string {
	if w.label == "" {
		return escapeHTML(w.r.path)
	}
	parts := strings.SplitN(w.r.path, "/", 5)
	rest := ""
	if len(parts) == 5 {
		rest = parts[4]
	}
	return escapeHTML(w.label + "/" + rest)
}

// style is how a page looks: by the sheet of the site, or by rules of its own.
func (w *webSite) style(b *bytes.Buffer, prefix string, rules ...string) {
	if w.css != "" {
		href := strings.Repeat("../", strings.Count(prefix, "/")) + quote(w.css)
		for _, absolute := range []string{"/", "http://", "https://"} {
			if strings.HasPrefix(w.css, absolute) {
				href = strings.ReplaceAll(quote(w.css), "%3A", ":")
			}
		}
		fmt.Fprintf(b, "  <link rel=\"stylesheet\" type=\"text/css\" href=\"%s\" />\n", href)
		return
	}
	b.WriteString("  <style type=\"text/css\">\n")
	for _, rule := range rules {
		b.WriteString("   " + rule + "\n")
	}
	b.WriteString("  </style>\n")
}

// disabled is the page of a folder whose listing is not for visitors.
func (w *webSite) disabled(prefix string) *response {
	var b bytes.Buffer
	b.WriteString(webDocType + "<html>\n<head>\n<title>Listing of " + w.title() + "</title>\n")
	w.style(&b, prefix, "h1 {font-size: 1em; font-weight: bold;}", "p {font-size: 2}")
	b.WriteString("</head>\n<body>  <h1>Web Listing Disabled</h1>" +
		"   <p>The owner of this web site has disabled web listing." +
		"   <p>If you are the owner of this web site, you can enable" +
		"   web listing by setting X-Container-Meta-Web-Listings.</p>")
	if w.index != "" {
		b.WriteString("<h1>Index File Not Found</h1> <p>The owner of this web site has set " +
			" <b>X-Container-Meta-Web-Index: " + w.index + "</b>.  However, this file is not found.</p>")
	}
	b.WriteString(" </body>\n</html>\n")
	return w.refuse(answer(http.StatusNotFound, pageType, b.Bytes()))
}

// listing is the page that lists what is in a folder. prefix is its name with a
// slash; empty for the container.
func (w *webSite) listing(prefix string) *response {
	if !isTrue(w.listings) {
		return w.disabled(prefix)
	}
	list := w.r.sub(http.MethodGet, w.container, "SW").withQuery("delimiter", "/")
	if prefix != "" {
		list.withQuery("prefix", prefix)
	}
	resp := w.next(list)
	if !resp.ok() || resp.listing == nil {
		return w.refuse(resp)
	}
	items := resp.listing.items
	if prefix != "" && len(items) == 0 {
		return w.refuse(fail(http.StatusNotFound))
	}
	var b bytes.Buffer
	b.WriteString(webDocType + "<html>\n <head>\n  <title>Listing of " + w.title() + "</title>\n")
	w.style(&b, prefix, "h1 {font-size: 1em; font-weight: bold;}", "th {text-align: left; padding: 0px 1em 0px 1em;}",
		"td {padding: 0px 1em 0px 1em;}", "a {text-decoration: none;}")
	b.WriteString(" </head>\n <body>\n  <h1 id=\"title\">Listing of " + w.title() + "</h1>\n" +
		"  <table id=\"listing\">\n   <tr id=\"heading\">\n    <th class=\"colname\">Name</th>\n" +
		"    <th class=\"colsize\">Size</th>\n    <th class=\"coldate\">Date</th>\n   </tr>\n")
	if prefix != "" {
		webRow(&b, ` id="parent" class="item"`, "../", "../", "&nbsp;", "&nbsp;")
	}
	for _, i := range items {
		if i.subdir != "" {
			name := strings.TrimPrefix(i.subdir, prefix)
			webRow(&b, ` class="item subdir"`, quote(name), escapeHTML(name), "&nbsp;", "&nbsp;")
		}
	}
	for _, i := range items {
		if i.subdir == "" {
			name, date := strings.TrimPrefix(i.name, prefix), escapeHTML(i.lastModified)
			date, _, _ = strings.Cut(date, ".")
			webRow(&b, ` class="item `+webClass(i.contentType)+`"`, quote(name), escapeHTML(name),
				humanSize(i.bytes), strings.ReplaceAll(date, "T", " "))
		}
	}
	b.WriteString("  </table>\n </body>\n</html>\n")
	return answer(http.StatusOK, pageType, b.Bytes())
}

// webRow writes a row of a listing. Everything is escaped already.
func webRow(b *bytes.Buffer, attributes, href, name, size, date string) {
	fmt.Fprintf(b, "   <tr%s>\n    <td class=\"colname\"><a href=\"%s\">%s</a></td>\n"+
		"    <td class=\"colsize\">%s</td>\n    <td class=\"coldate\">%s</td>\n   </tr>\n",
		attributes, href, name, size, date)
}

// webClass makes the classes of a row of a content type.
func webClass(contentType string) string {
	var classes []string
	for part := range strings.SplitSeq(contentType, "/") {
		classes = append(classes, "type-"+escapeHTML(strings.ToLower(part)))
	}
	return strings.Join(classes, " ")
}

// humanSize is a size as people read it.
func humanSize(bytes int64) string {
	const step = 1024
	suffixes := "KMGTPEZY"
	at, size := -1, float64(bytes)
	for size >= step && at+1 < len(suffixes) {
		at++
		size = math.RoundToEven(size / step)
	}
	if at < 0 {
		return fmt.Sprint(bytes)
	}
	return fmt.Sprintf("%d%ci", int64(size), suffixes[at])
}
