package runner

// Run is not for plugins.
func Run() {}
