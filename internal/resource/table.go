package resource

// Table is the known types.
type Table struct{ types []Type }

// NewTable returns the types of this package, and more, which replace those of the same service and name.
func NewTable(more ...Type) *Table { return &Table{types: more} }

// Types returns all types, in the order they are removed in.
func (t *Table) Types() []Type { return t.types }

// Type returns the type of the given name.
func (t *Table) Type(service, name string) (Type, bool) { return Type{}, false }

// Request removes, or checks, one resource.
type Request struct {
	Service, Method, Path string
	Body                  string // JSON, or empty
	Header                map[string]string
}

// Removal returns the request that removes the resource of type t that a listing by t.List shows as object, which
// is JSON. It fails when object has no ID, or the type cannot be removed by what a listing says.
func (t Type) Removal(object []byte) (Request, error) { return Request{}, nil }

// URL returns the URL of a path of a service, whose endpoint stands in the catalogue as endpoint: it puts the version
// between them where the endpoint lacks it.
func URL(endpoint, service, path string) string { return endpoint + path }

// Split returns what stands in a URL behind the endpoint of a service and its version, with the query.
func Split(endpoint, service, url string) (path string, ok bool) { return "", false }
