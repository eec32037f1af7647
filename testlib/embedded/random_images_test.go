//go:build tempest

package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// gallery writes a scenario of images that three projects make, change, share
// and look for, by chance.
type gallery struct {
	world
	made int // images so far
}

// How large a gallery is: large enough for most states to meet, small enough
// for a real cloud to answer in half a minute.
const (
	galleryUsers, galleryImages      = 3, 6
	galleryChanges, galleryQuestions = 60, 40
	galleryPatch                     = "application/openstack-images-v2.1-json-patch"
)

// randomImages returns the scenario of one seed: users of three projects, and
// the administrator, who make images, do all that can be done to them in an
// order that makes no sense, and then list them.
func randomImages(seed uint64) scenario {
	g := &gallery{world: world{Rand: rand.New(rand.NewPCG(seed, 1))}}
	const login = `u%d = POST identity:/auth/tokens @- {"auth": {"identity": {"methods": ["password"], "password":` +
		` {"user": {"id": "{user%d}", "password": "pw"}}}, "scope": {"project": {"id": "{p%d}"}}}}`
	for i := range galleryUsers {
		g.say(`p%d = POST identity:/projects {"project": {"name": "{run}-p%d"}}`, i, i)
		g.say(`user%d = POST identity:/users {"user": {"name": "{run}-u%d", "password": "pw"}}`, i, i)
		g.say("PUT identity:/projects/{p%d}/users/{user%d}/roles/{role-member}", i, i)
		g.say(login, i, i, i)
	}
	for range galleryImages {
		g.create()
	}
	for range galleryChanges {
		g.change()
	}
	for range galleryQuestions {
		g.question()
	}
	return scenario{service: imageService(), name: fmt.Sprint("images-seed-", seed), lines: g.lines}
}

// pick is one of the options.
func (g *gallery) pick(options ...string) string { return options[g.IntN(len(options))] }

// who is one of the users, or the administrator.
func (g *gallery) who() string {
	if g.IntN(galleryUsers+1) == 0 {
		return "admin"
	}
	return fmt.Sprint("u", g.IntN(galleryUsers))
}

func (g *gallery) image() string { return fmt.Sprintf("{i%d}", g.IntN(galleryImages)) }

func (g *gallery) visibility() string { return g.pick("private", "shared", "community", "public") }

// create makes an image of one of the users, whom the first can be sure of.
func (g *gallery) create() {
	who := fmt.Sprint("u", g.IntN(galleryUsers))
	visibility := g.pick("private", "shared", "shared", "community")
	g.say(`i%d = POST /v2/images @%s {"name": "{run}-%c", "run": "{run}", "visibility": "%s", "disk_format": %s,`+
		` "container_format": %s, "tags": %s, "min_disk": %d, "size_class": "%s"}`,
		g.made, who, 'a'+rune(g.made), visibility, g.pick("null", `"raw"`, `"raw"`, `"qcow2"`),
		g.pick("null", `"bare"`, `"bare"`, `"ovf"`), g.pick("[]", `["x"]`, `["x", "y"]`), g.IntN(3),
		g.pick("small", "Large"))
	g.made++
}

// change does something to an image, that may be refused.
func (g *gallery) change() {
	image, who := g.image(), g.who()
	say := func(method, rest string, args ...any) {
		path, body, _ := strings.Cut(fmt.Sprintf(rest, args...), " ")
		g.say("%s /v2/images/%s%s @%s %s", method, image, path, who, body)
	}
	switch g.IntN(12) {
	case 0, 1:
		g.say(`PUT /v2/images/%s/file (Content-Type: application/octet-stream) @%s "data"*%d`, image, who, 1+g.IntN(9))
	case 2:
		g.say(`PUT /v2/images/%s/stage (Content-Type: application/octet-stream) @%s "staged"`, image, who)
	case 3:
		say("POST", "/import"+` {"method": {"name": "glance-direct"}}`)
		g.say("until os_glance_import_task=<nil> GET /v2/images/%s @admin", image)
	case 4:
		say("POST", "/actions/%s", g.pick("deactivate", "reactivate"))
	case 5:
		say(g.pick("PUT", "DELETE"), "/tags/%s", g.pick("x", "y", "z"))
	case 6:
		say("POST", `/members {"member": "{p%d}"}`, g.IntN(galleryUsers))
	case 7:
		say("PUT", `/members/{p%d} {"status": "%s"}`, g.IntN(galleryUsers), g.pick("accepted", "rejected", "pending"))
	case 8:
		say("DELETE", "/members/{p%d}", g.IntN(galleryUsers))
	default:
		g.say("PATCH /v2/images/%s (Content-Type: %s) @%s [%s]", image, galleryPatch, who, g.operation())
	}
}

// operation is one operation of a change.
func (g *gallery) operation() string {
	op := g.pick("add", "replace", "replace", "remove")
	name, value := "name", `"{run}-renamed"`
	switch g.IntN(8) {
	case 0, 1:
		name, value = "visibility", `"`+g.visibility()+`"`
	case 2:
		name, value = "colour", g.pick(`"red"`, `"blue"`, "5")
	case 3:
		name, value = "os_hidden", g.pick("true", "false")
	case 4:
		name, value = "disk_format", g.pick(`"raw"`, `"iso"`, "null")
	case 5:
		name, value = "min_ram", g.pick("1", "512", "-1")
	case 6:
		name, value = "owner", fmt.Sprintf(`"{p%d}"`, g.IntN(galleryUsers))
	case 7:
		name, value = "tags", g.pick("[]", `["z"]`)
	}
	if op == "remove" {
		return fmt.Sprintf(`{"op": "remove", "path": "/%s"}`, name)
	}
	return fmt.Sprintf(`{"op": "%s", "path": "/%s", "value": %s}`, op, name, value)
}

// question asks about one image, or lists some.
func (g *gallery) question() {
	who := g.who()
	if g.IntN(3) == 0 {
		g.say("GET /v2/images/%s%s @%s", g.image(), g.pick("", "/members", "/file", "/tasks"), who)
		return
	}
	query := "run={run}"
	for range g.IntN(3) {
		query += "&" + g.pick("visibility="+g.visibility(), "visibility=all", "member_status=all",
			"member_status=rejected", "status="+g.pick("active", "queued", "in:active,queued"), "os_hidden=true",
			"tag="+g.pick("x", "y", "z"), "colour="+g.pick("red", "RED"), "size_min="+g.pick("1", "10"), "min_disk=1",
			"disk_format="+g.pick("raw", "in:raw,iso"), "name=in:{run}-a,{run}-b,{run}-renamed", "size_class=large",
			fmt.Sprintf("owner={p%d}", g.IntN(galleryUsers)))
	}
	key := g.pick("size", "status", "disk_format", "container_format")
	g.say("GET /v2/images?%s&sort=%s:%s,name:%s,id&limit=%d @%s", query, key, g.pick("asc", "desc"),
		g.pick("asc", "desc"), 3+g.IntN(4), who)
}
