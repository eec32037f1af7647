package main

// reasons says, by UUID, why the tools differ about a test, where it is known.
func reasons() map[string]string {
	return map[string]string{
		"7cd59bf9-bda4-4c72-9467-d21cab278355": "This Keystone has a security update which forbids that the project and " +
			"the type of a credential are changed. Python Tempest's test changes them.",
		"c52f6a77-f522-4411-8dbe-9d14f2b1ba6b": "This Glance has a security update which looks the address of an import " +
			"up, and answers 400 at once. Python Tempest's test waits for the import to fail.",
	}
}
