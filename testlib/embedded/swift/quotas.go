package swift

func containerQuotas(_ *Service, next handler) handler { return next }

func accountQuotas(_ *Service, next handler) handler { return next }
