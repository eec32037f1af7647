package keystone

import (
	"net/http"
	"slices"
	"strings"
)

// matchesTags reports whether p meets the tag filters of r.
func matchesTags(p object, r *request) bool {
	have := tagsOf(p)
	count := func(key string) (found, asked int) {
		for tag := range strings.SplitSeq(r.query.Get(key), ",") {
			asked++
			if slices.Contains(have, tag) {
				found++
			}
		}
		return found, asked
	}
	checks := map[string]func(found, asked int) bool{
		"tags":         func(found, asked int) bool { return found == asked },
		"tags-any":     func(found, _ int) bool { return found > 0 },
		"not-tags":     func(found, asked int) bool { return found < asked },
		"not-tags-any": func(found, _ int) bool { return found == 0 },
	}
	for key, check := range checks {
		if r.query.Has(key) && !check(count(key)) {
			return false
		}
	}
	return true
}

func tagsOf(p object) []string {
	list, _ := p["tags"].([]any)
	tags := make([]string, 0, len(list))
	for _, tag := range list {
		text, _ := tag.(string)
		tags = append(tags, text)
	}
	return tags
}

func (s *Service) tagRoutes(rt *router) {
	rt.handle("GET /projects/{project_id}/tags", s.tagHandler("list_project_tags", s.listTags))
	rt.handle("PUT /projects/{project_id}/tags", s.tagHandler("update_project_tags", s.replaceTags))
	rt.handle("DELETE /projects/{project_id}/tags", s.tagHandler("delete_project_tags", s.deleteTags))
	rt.handle("GET /projects/{project_id}/tags/{value}", s.tagHandler("get_project_tag", s.getTag))
	rt.handle("PUT /projects/{project_id}/tags/{value}", s.tagHandler("create_project_tag", s.addTag))
	rt.handle("DELETE /projects/{project_id}/tags/{value}", s.tagHandler("delete_project_tag", s.deleteTag))
}

// tagHandler enforces action before h runs on the project in the path.
func (s *Service) tagHandler(action string, h func(*request, object) (*response, error)) handler {
	return func(r *request) (*response, error) {
		project, err := s.projects.get(r.PathValue("project_id"))
		target := object{}
		if err == nil {
			target["project"] = project
		}
		if denied := r.enforce(action, target); denied != nil {
			return nil, denied
		}
		if err != nil {
			return nil, err
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && project.option("immutable") {
			verb, _, _ := strings.Cut(action, "_")
			if r.PathValue("value") == "" {
				verb = "update" // to none, if need be
			}
			return nil, forbidden("Cannot %s project tags for %s, project is immutable. Set "+
				"\"immutable\" option to false before creating project tags.", verb, project.id())
		}
		return h(r, project)
	}
}

func (s *Service) setTags(project object, tags []string) {
	list := make([]any, len(tags))
	for i, tag := range tags {
		list[i] = strings.TrimSpace(tag)
	}
	s.projects.put(project.with(object{"tags": list}))
}

func (s *Service) tagList(r *request, tags []string) (*response, error) {
	return ok(object{"tags": tags, "links": object{"self": s.url("") + queryOf(r)}})
}

func (s *Service) listTags(r *request, project object) (*response, error) {
	return s.tagList(r, tagsOf(project))
}

func (s *Service) replaceTags(r *request, project object) (*response, error) {
	given, found := r.body["tags"]
	if !found {
		given = map[string]any{}
	}
	if err := validate(tagsSchema, given); err != nil {
		return nil, err
	}
	tags := tagsOf(object{"tags": given})
	s.setTags(project, tags)
	return s.tagList(r, tags)
}

func (s *Service) deleteTags(_ *request, project object) (*response, error) {
	s.setTags(project, nil)
	return noContent()
}

func (s *Service) getTag(r *request, project object) (*response, error) {
	if tag := r.PathValue("value"); !slices.Contains(tagsOf(project), tag) {
		return nil, notFound("project tag", tag)
	}
	return noContent()
}

func (s *Service) addTag(r *request, project object) (*response, error) {
	tag := r.PathValue("value")
	if err := validate(tagSchema, tag); err != nil {
		return nil, err
	}
	tags := append(tagsOf(project), tag)
	list := make([]any, len(tags))
	for i, t := range tags {
		list[i] = t
	}
	if err := validate(tagsSchema, list); err != nil {
		return nil, err
	}
	s.setTags(project, tags)
	return &response{
		status: http.StatusCreated,
		header: map[string]string{
			"Location":     s.url(project.id() + "/tags/" + tag),
			"Content-Type": "text/html; charset=utf-8",
		},
	}, nil
}

func (s *Service) deleteTag(r *request, project object) (*response, error) {
	tags, tag := tagsOf(project), r.PathValue("value")
	i := slices.Index(tags, tag)
	if i < 0 {
		return nil, notFound("project tag", tag)
	}
	s.setTags(project, slices.Delete(tags, i, i+1))
	return noContent()
}
