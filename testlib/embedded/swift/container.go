package swift

func (s *Service) containerController() controller { return controller{} }
