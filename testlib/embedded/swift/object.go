package swift

func (s *Service) objectController() controller { return controller{} }
