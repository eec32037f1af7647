package swift

func dynamicLargeObjects(_ *Service, next handler) handler { return next }
