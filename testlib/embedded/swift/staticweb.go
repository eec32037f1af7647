package swift

func staticWeb(_ *Service, next handler) handler { return next }
