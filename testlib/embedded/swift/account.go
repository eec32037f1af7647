package swift

func (s *Service) accountController() controller { return controller{} }
