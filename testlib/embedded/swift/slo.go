package swift

func staticLargeObjects(_ *Service, next handler) handler { return next }
