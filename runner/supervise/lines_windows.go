package supervise

import "os"

// NewLines returns lines that do nothing: Windows has no named pipes in folders.
func NewLines(folder string) (*Lines, error) { return &Lines{folder: folder}, nil }

// watch returns a channel that is never closed.
func watch(string) (<-chan struct{}, error) { return nil, nil }

func stayAlive(string) error { return nil }

// tryAlone cannot know, and does not make anyone wait.
func tryAlone(string) (bool, error) { return true, nil }

func share(string) error { return nil }

func own(string) (*os.File, error) { return nil, nil }

// isOurs makes no folder a stale one.
func isOurs(string) bool { return false }
