package glance

import (
	"errors"
	"net/http"
	"slices"
)

// view is m as clients see it, a member of the image called id.
func (m *member) view(id string) object {
	return object{
		"member_id": m.project, "image_id": id, "status": m.status, "created_at": timestamp(m.createdAt),
		"updated_at": timestamp(m.updatedAt), "schema": "/v2/schemas/member",
	}
}

var errNotShared = forbidden("Only shared images have members.")

// sharedImage returns the image of the path for something done to its members.
// An image that is not shared is the error errNotShared.
func (r *request) sharedImage() (*image, error) {
	id := r.vars["image_id"]
	i, err := r.image(id)
	if err != nil {
		return nil, notFound("Image %s not found.", id)
	}
	if i.visibility != "shared" {
		return nil, errNotShared
	}
	return i, nil
}

// owns reports whether the caller is of the project that owns i, or may do
// everything.
func (c caller) owns(i *image) bool { return c.admin || c.project == i.owner }

// knows reports whether the caller may know about a member of i.
func (c caller) knows(i *image, project string) bool {
	return c.owns(i) || c.project == project
}

// lookup returns the member of i in the path, or a 404.
func (r *request) lookup(i *image) (*member, error) {
	project := r.vars["member_id"]
	m := i.member(project)
	if m == nil || !r.caller.knows(i, project) {
		return nil, notFound("%s not found in the member list of the image %s.", project, i.id)
	}
	return m, nil
}

func listMembers(r *request) (*response, error) {
	i, err := r.sharedImage()
	if errors.Is(err, errNotShared) {
		return nil, forbidden("Not allowed to list members for image %s: %s", r.vars["image_id"], err)
	}
	if err != nil {
		return nil, err
	}
	list := []object{}
	for _, m := range i.members {
		if r.caller.knows(i, m.project) {
			list = append(list, m.view(i.id))
		}
	}
	return ok(object{"members": list, "schema": "/v2/schemas/members"})
}

func showMember(r *request) (*response, error) {
	i, err := r.sharedImage()
	if errors.Is(err, errNotShared) {
		return nil, notFound("%s", err)
	}
	if err != nil {
		return nil, err
	}
	m, err := r.lookup(i)
	if err != nil {
		return nil, err
	}
	return ok(m.view(i.id))
}

func addMember(r *request) (*response, error) {
	project, err := r.newMember()
	if err != nil {
		return nil, err
	}
	id := r.vars["image_id"]
	i, err := r.sharedImage()
	if errors.Is(err, errNotShared) || err == nil && !r.caller.owns(i) {
		return nil, forbidden("Not allowed to create members for image %s.", id)
	}
	if err != nil {
		return nil, err
	}
	if len(i.members) >= maxMembers {
		return nil, tooLarge("Image member limit exceeded for image %s: The limit has been exceeded on the number of"+
			" allowed image members for this image. Attempted: %d, Maximum: %d:", id, len(i.members)+1, maxMembers)
	}
	if i.member(project) != nil {
		return nil, conflict("Member %s is duplicated for image %s", project, id)
	}
	now := r.now()
	m := &member{project: project, status: "pending", createdAt: now, updatedAt: now}
	i.members = append(i.members, m)
	return ok(m.view(id))
}

// newMember reads whom a client wants to add.
func (r *request) newMember() (string, error) {
	body, err := r.needJSON()
	if err != nil {
		return "", err
	}
	o, isObject := body.(object)
	if !isObject {
		return "", badRequest(`Expected a member in the form: {"member": "image_id"}`)
	}
	project, given := o["member"]
	if !given {
		return "", badRequest("Member to be added not specified")
	}
	text, isText := project.(string)
	switch {
	case project == nil, project == "", project == false, project == 0.0:
		return "", badRequest("Member can't be empty")
	case !isText:
		return "", statusError(http.StatusInternalServerError) // the database of Glance fails on it
	}
	return text, nil
}

func updateMember(r *request) (*response, error) {
	body, err := r.needJSON()
	if err != nil {
		return nil, err
	}
	o, isObject := body.(object)
	if !isObject {
		return nil, badRequest(`Expected a status in the form: {"status": "status"}`)
	}
	status, given := o["status"]
	if !given {
		return nil, badRequest("Status not specified")
	}
	i, err := r.sharedImage()
	if errors.Is(err, errNotShared) || err == nil && !r.caller.admin && r.caller.project == i.owner {
		return nil, forbidden("Not allowed to update members for image %s.", r.vars["image_id"])
	}
	if err != nil {
		return nil, err
	}
	m, err := r.lookup(i)
	if err != nil {
		return nil, err
	}
	text, _ := status.(string)
	if !slices.Contains([]string{"pending", "accepted", "rejected"}, text) {
		return nil, badRequest(`Incorrect request: Status must be "pending", "accepted" or "rejected".`)
	}
	m.status, m.updatedAt = text, r.now()
	return ok(m.view(i.id))
}

func deleteMember(r *request) (*response, error) {
	i, err := r.sharedImage()
	if errors.Is(err, errNotShared) || err == nil && !r.caller.owns(i) {
		return nil, forbidden("Not allowed to delete members for image %s.", r.vars["image_id"])
	}
	if err != nil {
		return nil, err
	}
	m, err := r.lookup(i)
	if err != nil {
		return nil, err
	}
	i.members = slices.DeleteFunc(i.members, func(other *member) bool { return other == m })
	return &response{status: http.StatusNoContent}, nil
}
