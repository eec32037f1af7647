package swift

func formPost(_ *Service, next handler) handler { return next }
