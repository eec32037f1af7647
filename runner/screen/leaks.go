package screen

// leaks shows what tests have left in the cloud.
func (s *summary) leaks() {
	if len(s.r.Leaks) == 0 {
		return
	}
	s.section(red, "Left behind in the cloud")
	for i, l := range s.r.Leaks {
		if i == maxNamed {
			s.more(len(s.r.Leaks) - i)
			return
		}
		s.printf("%s %s.%s: %s\n", s.colored(red, "LEFT"), l.Package, l.Test, indented(l.Text()))
	}
}
