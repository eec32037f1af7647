// Package image tests the image API, version 2: images and their data, lists and
// filters, visibility and members, tags and properties, schemas, imports and
// tasks, locations, stores, the cache, and metadata definitions.
//
// The tests carry the build tag tempest. They make everything they use, in
// projects of their own, and leave nothing behind. None depends on another, and
// none counts what others may have made: lists are narrowed to the project or the
// name of the test.
//
// What a cloud need not have is an option: the group [image_feature_enabled]
// switches imports, locations and the cache; [image] has the formats, the image to
// import, and a second worker. Which methods of import and how many stores there
// are is asked of the service.
package image
