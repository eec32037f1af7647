package keystone

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gotempest/tempest/testlib/embedded/jsonschema"
)

// apiError is an error that a client sees.
type apiError struct {
	status   int
	message  string
	identity object // what a failed authentication method has to say, or nil
}

func (e *apiError) Error() string { return e.message }

const malformed = " The server could not comply with the request since it is either malformed or" +
	" otherwise incorrect. The client is assumed to be in error."

func badRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

// expecting is the 400 for a request that lacks something.
func expecting(attribute, target string) error {
	return badRequest("Expecting to find %s in %s.%s", attribute, target, malformed)
}

// unauthorized is the 401. Keystone never says why.
func unauthorized() error {
	return &apiError{
		status:  http.StatusUnauthorized,
		message: "The request you have made requires authentication.",
	}
}

// forbidden is a 403 whose reason is safe to tell.
func forbidden(format string, args ...any) error {
	return &apiError{status: http.StatusForbidden, message: fmt.Sprintf(format, args...)}
}

// notAllowed is the 403 of a caller who may not do what they asked for.
func notAllowed(action string) error {
	const text = "You are not authorized to perform the requested action"
	if action == "" {
		return forbidden(text + ".")
	}
	return forbidden("%s: %s.", text, action)
}

// notAllowedText is a 403 with a text of its own. Keystone shows it.
func notAllowedText(text string) error {
	return &apiError{status: http.StatusForbidden, message: text}
}

func notFound(kind, id string) error {
	return &apiError{status: http.StatusNotFound, message: fmt.Sprintf("Could not find %s: %s.", kind, id)}
}

func notFoundText(format string, args ...any) error {
	return &apiError{status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

func conflict(kind, details string) error {
	return &apiError{
		status:  http.StatusConflict,
		message: fmt.Sprintf("Conflict occurred attempting to store %s - %s.", kind, details),
	}
}

// isNotFound reports whether err is a 404.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*apiError](err)
	return ok && e.status == http.StatusNotFound
}

// validate checks v against schema, and turns what is wrong into a 400.
func validate(schema *jsonschema.Schema, v any) error {
	err := schema.Validate(v)
	switch {
	case err == nil:
		return nil
	case len(err.Path) == 0:
		return badRequest("%s", err.Report())
	}
	return badRequest("Invalid input for field '%s': %s", strings.Join(err.Path, "/"), err.Report())
}
