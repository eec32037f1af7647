// Package objectstore tests the object store API, version 1: accounts, containers and objects, their metadata and
// listings, who may use them, quotas, expiry, conditional and ranged reads, copies, large objects, versions, links,
// temporary URLs, forms, static sites and archives.
//
// The tests carry the build tag tempest. They need a user who may administer the cloud, make everything they use, and
// leave nothing behind. None depends on another. What goes with a middleware that a cloud may lack asks for it with
// testlib.Extension, by the name that it has in /info.
//
// Every answer, whatever the test is about, is checked to have the headers that an answer of its kind has.
package objectstore
