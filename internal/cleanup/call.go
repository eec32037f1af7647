package cleanup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/gotempest/tempest/internal/cloud"
	"github.com/gotempest/tempest/internal/resource"
)

// rights is a token for one project, or that of the administrator.
type rights struct {
	session  *cloud.Session
	provider *gophercloud.ProviderClient
	project  string // that the token is for, by ID
	who      string // for messages
}

// call is one request to the cloud.
type call struct {
	method  string
	url     string
	body    any               // sent as JSON; nil for none
	headers map[string]string // beside those of every call
}

// answer is what the cloud said, whatever its status.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const (
	maxAnswer = 64 << 20 // bytes of a list that are read
	maxReason = 200      // bytes of an answer that a reason repeats
)

// do makes a call. The error says why there was no answer.
func (r *rights) do(ctx context.Context, c call) (answer, error) {
	opts := &gophercloud.RequestOpts{
		KeepResponseBody: true, MoreHeaders: c.headers,
		OkCodes: []int{200, 201, 202, 203, 204, 206},
	}
	if c.body != nil {
		opts.JSONBody = c.body
	}
	resp, err := r.provider.Request(ctx, c.method, c.url, opts)
	if code, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		return answer{code.Actual, code.ResponseHeader, code.Body}, nil
	}
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok { // it says method and URL again
			err = wrapped.Err
		}
		return answer{}, fmt.Errorf("%s %s: %s", c.method, r.session.Secrets.Text(c.url), r.oneLine(err.Error()))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: reading the answer: %s", c.method, r.session.Secrets.Text(c.url),
			r.oneLine(err.Error()))
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// oneLine returns text without secrets and line breaks, and not too long.
func (r *rights) oneLine(s string) string {
	s = strings.Join(strings.Fields(r.session.Secrets.Text(s)), " ")
	if len(s) > maxReason {
		s = strings.ToValidUTF8(s[:maxReason], "") + "…"
	}
	return s
}

// ok reports whether the cloud has done what it was asked for.
func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// decode reads a JSON body.
func (a answer) decode(into any) error {
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("the answer is no JSON: %w", err)
	}
	return nil
}

// refusal says in one line what the cloud answered to a call that it did not carry out.
func (r *rights) refusal(c call, a answer) error {
	text := fmt.Sprintf("%s was answered %d", c.method, a.status)
	if why := message(a.body); why != "" {
		text += ": " + r.oneLine(why)
	}
	return errors.New(text)
}

// message finds the sentence in the body of a refusal. Services wrap it each in their own way:
// {"error": {"message": …}}, {"conflictingRequest": {"message": …}}, {"NeutronError": …}.
func message(body []byte) string {
	var doc any
	if json.Unmarshal(body, &doc) != nil {
		if text := strings.TrimSpace(string(body)); !strings.HasPrefix(text, "<") {
			return text
		}
		return ""
	}
	return search(doc, 0)
}

const maxDepth = 4 // of objects in the body of a refusal

func search(doc any, depth int) string {
	object, ok := doc.(map[string]any)
	if list, isList := doc.([]any); isList && len(list) > 0 {
		object, ok = list[0].(map[string]any)
	}
	if !ok || depth > maxDepth {
		return ""
	}
	for _, key := range []string{"message", "faultstring", "detail", "description", "title"} {
		if s, ok := object[key].(string); ok && s != "" {
			return s
		}
	}
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if s, ok := object[key].(string); ok && len(keys) == 1 {
			return s
		}
		if s := search(object[key], depth+1); s != "" {
			return s
		}
	}
	return ""
}

// url returns the address of a path of a service. The error says that the cloud has no such service.
func (r *rights) url(service, path string) (string, error) {
	eo := r.session.Cloud.Endpoint
	eo.ApplyDefaults(service)
	endpoint, err := r.provider.EndpointLocator(eo)
	if err != nil {
		return "", fmt.Errorf("the cloud has no service %q: %s", service, r.oneLine(err.Error()))
	}
	return resource.URL(endpoint, service, path), nil
}
