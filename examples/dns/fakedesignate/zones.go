package fakedesignate

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	pool       = "794ccc2c-d751-44fe-b57f-8894c9f5c842" // Designate's default pool has this ID everywhere
	nameserver = "ns1.example.org."
	defaultTTL = 3600 // seconds
)

// name is a fully qualified name of at least two labels.
var name = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.){2,}$`)

// A zone with its records.
type zone struct {
	ID            string            `json:"id"`
	PoolID        string            `json:"pool_id"`
	ProjectID     string            `json:"project_id"`
	Name          string            `json:"name"`
	Email         string            `json:"email"`
	TTL           int               `json:"ttl"`
	Serial        int64             `json:"serial"`
	Status        string            `json:"status"`
	Description   *string           `json:"description"`
	Masters       []string          `json:"masters"`
	Type          string            `json:"type"`
	TransferredAt *string           `json:"transferred_at"`
	Version       int               `json:"version"`
	CreatedAt     string            `json:"created_at"`
	UpdatedAt     *string           `json:"updated_at"`
	Action        string            `json:"action"`
	Attributes    map[string]string `json:"attributes"`
	Links         map[string]string `json:"links"`

	sets []*recordset
}

func (s *Server) createZone(c *call) (int, any, error) {
	var body struct {
		Name, Email, Type string
		Description       *string
		TTL               *int
		Attributes        map[string]string
	}
	if !c.mayWrite() {
		return 0, nil, errForbidden
	}
	if err := c.decode(&body); err != nil {
		return 0, nil, err
	}
	body.Type = cmp.Or(body.Type, "PRIMARY")
	switch {
	case !name.MatchString(body.Name), !strings.Contains(body.Email, "@"), body.Type != "PRIMARY":
		return 0, nil, invalid("Provided object does not match schema")
	case body.TTL != nil && (*body.TTL < 1 || *body.TTL > 1<<31-1):
		return 0, nil, invalid("Provided object does not match schema")
	case s.zoneCalled(body.Name) != nil:
		return 0, nil, &problem{http.StatusConflict, "duplicate_zone", "Duplicate Zone"}
	}
	for _, z := range s.zones {
		if z.ProjectID != c.ProjectID && strings.HasSuffix(body.Name, "."+z.Name) {
			return 0, nil, &problem{http.StatusForbidden, "forbidden", "Unable to create subzone in another tenants zone"}
		}
	}
	if len(s.zonesOf(c.ProjectID)) >= s.quota(c.ProjectID, "zones") {
		return 0, nil, &problem{http.StatusRequestEntityTooLarge, "over_quota", "Quota exceeded for zones."}
	}
	z := &zone{
		ID: uuid.NewString(), PoolID: pool, ProjectID: c.ProjectID, Name: body.Name, Email: body.Email, TTL: defaultTTL,
		Serial: time.Now().Unix(), Status: "ACTIVE", Description: body.Description, Masters: []string{}, Type: body.Type,
		Version: 1, CreatedAt: now(), Action: "NONE", Attributes: map[string]string{},
	}
	if body.TTL != nil {
		z.TTL = *body.TTL
	}
	z.Links = c.self(z.ID)
	z.sets = []*recordset{
		z.newSet("SOA", z.Name, nameserver+" "+strings.Replace(z.Email, "@", ".", 1)+". 1 3600 600 86400 3600"),
		z.newSet("NS", z.Name, nameserver),
	}
	s.zones[z.ID] = z
	return http.StatusAccepted, z.in("PENDING", "CREATE"), nil
}

// in is the zone in a status that passes.
func (z *zone) in(status, action string) *zone {
	c := *z
	c.Status, c.Action = status, action
	return &c
}

func (s *Server) zoneCalled(name string) *zone {
	for _, z := range s.zones {
		if strings.EqualFold(z.Name, name) {
			return z
		}
	}
	return nil
}

func (s *Server) zonesOf(project string) []*zone {
	own := []*zone{}
	for _, z := range s.zones {
		if z.ProjectID == project {
			own = append(own, z)
		}
	}
	return own
}

func (s *Server) listZones(c *call) (int, any, error) {
	own := []*zone{}
	want := c.URL.Query().Get("name")
	for _, z := range s.zones {
		if c.sees(z.ProjectID) && (want == "" || want == z.Name) {
			own = append(own, z)
		}
	}
	slices.SortFunc(own, func(a, b *zone) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return http.StatusOK, map[string]any{
		"zones": own, "links": c.self(), "metadata": map[string]int{"total_count": len(own)},
	}, nil
}

// zone returns the zone that a call names.
func (s *Server) zone(c *call) (*zone, error) {
	id := c.PathValue("zone")
	if uuid.Validate(id) != nil {
		return nil, &problem{http.StatusBadRequest, "invalid_uuid", "Invalid UUID zone_id: " + id}
	}
	z := s.zones[id]
	if z == nil || !c.sees(z.ProjectID) {
		return nil, errNoZone
	}
	return z, nil
}

// ownZone returns the zone that a call names and may change.
func (s *Server) ownZone(c *call) (*zone, error) {
	z, err := s.zone(c)
	if err == nil && !c.mayWrite() {
		err = errForbidden
	}
	return z, err
}

func (s *Server) showZone(c *call) (int, any, error) {
	z, err := s.zone(c)
	return http.StatusOK, z, err
}

func (s *Server) updateZone(c *call) (int, any, error) {
	z, err := s.ownZone(c)
	if err != nil {
		return 0, nil, err
	}
	var body struct {
		Email       *string
		Description *string
		TTL         *int
	}
	if err := c.decode(&body); err != nil {
		return 0, nil, err
	}
	if body.Email != nil && !strings.Contains(*body.Email, "@") || body.TTL != nil && *body.TTL < 1 {
		return 0, nil, invalid("Provided object does not match schema")
	}
	if body.Email != nil {
		z.Email = *body.Email
	}
	if body.Description != nil {
		z.Description = body.Description
	}
	if body.TTL != nil {
		z.TTL = *body.TTL
	}
	at := now()
	z.UpdatedAt = &at
	z.changed()
	return http.StatusAccepted, z.in("PENDING", "UPDATE"), nil
}

// changed counts a change that nameservers are told.
func (z *zone) changed() {
	z.Version++
	z.Serial = max(z.Serial+1, time.Now().Unix())
}

func (s *Server) deleteZone(c *call) (int, any, error) {
	z, err := s.ownZone(c)
	if err != nil {
		return 0, nil, err
	}
	delete(s.zones, z.ID)
	return http.StatusAccepted, z.in("PENDING", "DELETE"), nil
}
