// Package objectstore tests the object store API, version 1: accounts, containers and
// objects, who may reach them, and what stands on them: large objects, versions,
// signed URLs, forms, web sites, archives and links.
//
// The tests carry the build tag tempest. They act in a project of their own, make
// everything they use, and leave nothing behind.
package objectstore
