package fakedesignate

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// A recordset is the records of one name and type in a zone.
type recordset struct {
	ID          string            `json:"id"`
	ZoneID      string            `json:"zone_id"`
	ProjectID   string            `json:"project_id"`
	Name        string            `json:"name"`
	ZoneName    string            `json:"zone_name"`
	Type        string            `json:"type"`
	Records     []string          `json:"records"`
	Description *string           `json:"description"`
	TTL         *int              `json:"ttl"`
	Status      string            `json:"status"`
	Action      string            `json:"action"`
	Version     int               `json:"version"`
	CreatedAt   string            `json:"created_at"`
	UpdatedAt   *string           `json:"updated_at"`
	Links       map[string]string `json:"links"`
}

// newSet makes records of a zone, which the zone does not have yet.
func (z *zone) newSet(kind, name string, records ...string) *recordset {
	id := uuid.NewString()
	return &recordset{
		ID: id, ZoneID: z.ID, ProjectID: z.ProjectID, Name: name, ZoneName: z.Name, Type: kind, Records: records,
		Status: "ACTIVE", Action: "NONE", Version: 1, CreatedAt: now(),
		Links: map[string]string{"self": z.Links["self"] + "/recordsets/" + id},
	}
}

// in is the set in a status that passes.
func (r *recordset) in(status, action string) *recordset {
	c := *r
	c.Status, c.Action = status, action
	return &c
}

// valid says whether records may be of a type.
func valid(kind string, records []string) bool {
	if len(records) == 0 {
		return false
	}
	ok := map[string]func(string) bool{
		"A":     func(r string) bool { a, err := netip.ParseAddr(r); return err == nil && a.Is4() },
		"AAAA":  func(r string) bool { a, err := netip.ParseAddr(r); return err == nil && a.Is6() },
		"CNAME": name.MatchString,
		"NS":    name.MatchString,
		"MX":    func(r string) bool { _, host, two := strings.Cut(r, " "); return two && name.MatchString(host) },
		"TXT":   validText,
	}[kind]
	return ok != nil && !slices.ContainsFunc(records, func(r string) bool { return !ok(r) })
}

// validText says whether a TXT record is quoted, and has no quote within that is not escaped.
func validText(r string) bool {
	if len(r) < 2 || r[0] != '"' || r[len(r)-1] != '"' {
		return false
	}
	inner := strings.ReplaceAll(strings.ReplaceAll(r[1:len(r)-1], `\\`, ""), `\"`, "")
	return !strings.Contains(inner, `"`) && !strings.HasSuffix(inner, `\`)
}

func (s *Server) createRecords(c *call) (int, any, error) {
	z, err := s.ownZone(c)
	if err != nil {
		return 0, nil, err
	}
	var body struct {
		Name, Type  string
		Records     []string
		Description *string
		TTL         *int
	}
	if err := c.decode(&body); err != nil {
		return 0, nil, err
	}
	inZone := body.Name == z.Name || strings.HasSuffix(body.Name, "."+z.Name)
	switch {
	case body.Type == "SOA":
		return 0, nil, &problem{http.StatusBadRequest, "bad_request", "Creating a SOA recordset is not allowed"}
	case !name.MatchString(body.Name), !valid(body.Type, body.Records):
		return 0, nil, invalid("Provided object does not match schema")
	case !inZone:
		return 0, nil, &problem{http.StatusBadRequest, "invalid_recordset_location",
			"RecordSet is not contained within it's parent zone"}
	}
	if err := z.clash(body.Name, body.Type); err != nil {
		return 0, nil, err
	}
	set := z.newSet(body.Type, body.Name, body.Records...)
	set.Description, set.TTL = body.Description, body.TTL
	z.sets = append(z.sets, set)
	z.changed()
	return http.StatusAccepted, set.in("PENDING", "CREATE"), nil
}

// clash says why a zone cannot have records of a name and type beside those that it has.
func (z *zone) clash(name, kind string) error {
	for _, other := range z.sets {
		if !strings.EqualFold(other.Name, name) {
			continue
		}
		if other.Type == kind {
			return &problem{http.StatusConflict, "duplicate_recordset", "Duplicate RecordSet"}
		}
		if other.Type == "CNAME" || kind == "CNAME" {
			return &problem{http.StatusBadRequest, "invalid_recordset_location",
				"CNAME recordsets may not share a name with any other records"}
		}
	}
	return nil
}

func (s *Server) listRecords(c *call) (int, any, error) {
	z, err := s.zone(c)
	if err != nil {
		return 0, nil, err
	}
	want := c.URL.Query()
	sets := []*recordset{}
	for _, r := range z.sets {
		if (want.Get("type") == "" || want.Get("type") == r.Type) && (want.Get("name") == "" || want.Get("name") == r.Name) {
			sets = append(sets, r)
		}
	}
	return http.StatusOK, map[string]any{
		"recordsets": sets, "links": c.self(), "metadata": map[string]int{"total_count": len(sets)},
	}, nil
}

// records returns the set that a call names, and its zone.
func (s *Server) records(c *call, find func(*call) (*zone, error)) (*zone, *recordset, error) {
	z, err := find(c)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(z.sets, func(r *recordset) bool { return r.ID == c.PathValue("set") })
	if i < 0 {
		return nil, nil, errNoRecords
	}
	return z, z.sets[i], nil
}

func (s *Server) showRecords(c *call) (int, any, error) {
	_, set, err := s.records(c, s.zone)
	return http.StatusOK, set, err
}

func (s *Server) updateRecords(c *call) (int, any, error) {
	z, set, err := s.records(c, s.ownZone)
	if err != nil {
		return 0, nil, err
	}
	var body struct {
		Records     []string
		Description *string
		TTL         *int
	}
	if err := c.decode(&body); err != nil {
		return 0, nil, err
	}
	switch {
	case set.managed(z):
		return 0, nil, &problem{http.StatusBadRequest, "bad_request", "Managed records may not be updated"}
	case body.Records != nil && !valid(set.Type, body.Records):
		return 0, nil, invalid("Provided object does not match schema")
	}
	if body.Records != nil {
		set.Records = body.Records
	}
	if body.Description != nil {
		set.Description = body.Description
	}
	if body.TTL != nil {
		set.TTL = body.TTL
	}
	at := now()
	set.UpdatedAt = &at
	set.Version++
	z.changed()
	return http.StatusAccepted, set.in("PENDING", "UPDATE"), nil
}

// managed says whether records are the service's own.
func (r *recordset) managed(z *zone) bool {
	return r.Type == "SOA" || r.Type == "NS" && r.Name == z.Name
}

func (s *Server) deleteRecords(c *call) (int, any, error) {
	z, set, err := s.records(c, s.ownZone)
	if err != nil {
		return 0, nil, err
	}
	if set.managed(z) {
		return 0, nil, &problem{http.StatusBadRequest, "bad_request", "Deleting a SOA recordset is not allowed"}
	}
	z.sets = slices.DeleteFunc(z.sets, func(r *recordset) bool { return r == set })
	z.changed()
	return http.StatusAccepted, set.in("PENDING", "DELETE"), nil
}
