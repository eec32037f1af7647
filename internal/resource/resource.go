// Package resource knows the resources of OpenStack: by which requests they are made, and how they are found,
// checked and removed. It is data; it sends nothing.
//
// A path in this package begins with "/" and is what stands behind the endpoint of a service and its
// version, so that it is the same for every user, region and deployment: "/servers/ID",
// "/networks/ID". [Split] takes it from a URL, [URL] makes a URL of it.
package resource

// Type is a type of resource.
type Type struct {
	Service string // official service type: "compute", "block-storage"
	Name    string // "server"; unique within the service

	// Create are the requests that make one, "METHOD /path": a segment "{x}" of the path stands for any one
	// segment, a last "{x...}" for all that are left. A query must be there as it stands ("?multipart-manifest=put").
	// Behind a space, the name of the one member that the body must have, for actions:
	// "POST /servers/{server}/action createImage".
	Create []string

	// Key is the name of the object in the body of the request and of the answer that describes the
	// resource: "server". Empty means that the body itself is that object.
	Key string

	// Plural is the name of the list in the body of a request that makes several at once, and of its answer.
	// Empty means that no request does.
	Plural string

	// ID is the member of the answer's object that is the ID. Empty means "id". "{x}" is a segment of the path
	// of the request, "Location" the last segment of that header of the answer.
	ID string

	// NameField is the member that is the name, "{x}" a segment of the path. Empty means "name", "-" that it has none.
	NameField string

	// Named says that the service refuses a request without a name: it makes nothing.
	Named bool

	// Delete is the request that removes it: "METHOD /path", where "{x}" is a segment of the path
	// of the request that made it, "{id}" the ID, "{user}" and "{project}" who made it, and else
	// a member of the answer's object. Empty means DELETE on the path of creation and the ID.
	Delete string

	// DeleteService is the service of Delete, when it is another than the one that made it.
	DeleteService string

	// DeleteBody is the JSON body of Delete, with the same words in braces, as "{id}"; empty for none.
	DeleteBody string

	// Header are headers that Delete needs. The microversion that the creation asked for is sent in any case.
	Header map[string]string

	// AdminHeader are headers that an administrator adds to remove, or list, what belongs to other projects.
	AdminHeader map[string]string

	// First is a request that has to be sent before Delete, as Delete and DeleteBody together:
	// "PATCH /domains/{id} {…}".
	First string

	// Check is the path to GET that is answered 404 once it is gone. Empty means that of Delete without its query.
	// CheckKey is the member of the answer that is empty then, where the answer is never 404.
	Check, CheckKey string

	// Status is the one status that says that the request made it: with 201, one that was there before does not count.
	// 0 means any of 2xx.
	Status int

	// Unless names the member of the request's object that says that something is used which exists already,
	// so that nothing is made.
	Unless string

	// Several are members of the request's object, of which one above 1 says that more are made than the answer shows, by
	// names that begin with the name and a dash.
	Several []string

	// Inner are the members of the answer's object, by their names, that hold things which were made with it and
	// outlive it: lists of them, or the ID of one.
	Inner map[string]Inner

	// Async says that it is there for a while after its removal was accepted.
	Async bool

	// Rank orders removal over all services: those of a lower rank first.
	Rank int

	// Holds names the type of what is in it and has to be removed before, where that need not be in the ledger: objects
	// of a container.
	Holds string

	// Part says that it cannot outlive what the path of its creation names (a tag, a member, a role assignment): it needs
	// no removal of its own when that is removed.
	Part bool

	// Scoped says that only a token of the project that owns it can remove it: that of an
	// administrator of another project cannot.
	Scoped bool

	// List is how all of this type are found. Its zero value means that they cannot be.
	List List
}

// Inner says what the things in a member are, and how they are removed, as in [Type].
type Inner struct {
	Name, Delete, First string
	Rank                int
}

// List says how the resources of one type are listed.
type List struct {
	Path string // "/servers/detail"
	Key  string // name of the list in the answer: "servers"; empty when the answer is the list

	// All is the query by which an administrator sees the resources of all projects: "all_tenants=1".
	// Empty means that no query is needed, or (with Scoped) that nobody sees them.
	All string

	// Own says that even an administrator sees only what is theirs.
	Own bool

	// Project is the name of the query parameter that narrows the list to one project; empty for none.
	Project string

	// Name is the name of the query parameter that narrows the list to one exact name; empty for none.
	Name string

	// Object is the member of each element of the list that is the resource ("keypair"); empty when the element is.
	Object string

	ID           string // member that is the ID; empty means "id"
	NameField    string // member that is the name; empty means "name", "-" that it has none
	ProjectField string // member that is the ID of its project: "tenant_id"; empty when it says none
	UserField    string // member that is the ID of its user, when Delete needs it
}
