package glance

func (r *request) mayFetch(uri string) bool { return false }

func (r *request) startDownload(i *image, t *task, uri string) {}
