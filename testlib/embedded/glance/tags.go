package glance

import (
	"net/http"
	"slices"
)

func addTag(r *request) (*response, error) {
	tag := r.vars["tag"]
	if err := r.schemas.check("image", object{"tags": []any{tag}}); err != nil {
		return nil, err
	}
	return r.changeTags("update", func(i *image) error {
		if !slices.Contains(i.tags, tag) {
			i.tags = append(i.tags, tag)
		}
		if len(i.tags) > maxTags {
			return tooLarge("Image tag limit exceeded for image %s: The limit has been exceeded on the number of"+
				" allowed image tags. Attempted: %d, Maximum: %d:", i.id, len(i.tags), maxTags)
		}
		if beyondBMP(tag) {
			return badRequest("Could not update image: Param values can't contain 4 byte unicode.")
		}
		return nil
	})
}

func deleteTag(r *request) (*response, error) {
	tag := r.vars["tag"]
	return r.changeTags("delete", func(i *image) error {
		at := slices.Index(i.tags, tag)
		if at < 0 {
			return statusError(http.StatusNotFound)
		}
		i.tags = slices.Delete(i.tags, at, at+1)
		return nil
	})
}

// changeTags lets edit change the tags of an image.
func (r *request) changeTags(verb string, edit func(*image) error) (*response, error) {
	id := r.vars["image_id"]
	i, err := r.ownImage(id)
	if err != nil {
		if statusOf(err) == http.StatusForbidden {
			return nil, forbidden("Not allowed to %s tags for image %s.", verb, id)
		}
		return nil, notFound("Image %s not found.", id)
	}
	changed := *i
	changed.tags = slices.Clone(i.tags)
	if err := edit(&changed); err != nil {
		return nil, err
	}
	r.save(&changed)
	return noContent()
}
