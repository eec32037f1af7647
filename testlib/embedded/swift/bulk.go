package swift

func bulk(_ *Service, next handler) handler { return next }
