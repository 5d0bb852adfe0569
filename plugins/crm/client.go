package crm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

const (
	// maxAnswer bounds an answer. No page that is asked for comes near it.
	maxAnswer = 16 << 20
	// maxAfter is the longest wait that a sales system can ask for.
	maxAfter = 24 * time.Hour
)

// Trouble is an exchange that did not come to a good end. It is an error, and
// knows the Reply that it means.
type Trouble struct {
	Outcome channel.Outcome
	Code    string
	Detail  string // without personal data
	After   time.Duration
}

// Error is the code and the sentence.
func (t *Trouble) Error() string { return t.Code + ": " + t.Detail }

// Refused is trouble that asking again does not end.
func Refused(code, detail string) *Trouble {
	return &Trouble{Outcome: channel.Refused, Code: code, Detail: detail}
}

// Later is trouble that passes.
func Later(after time.Duration, code, detail string) *Trouble {
	return &Trouble{Outcome: channel.Retry, Code: code, Detail: detail, After: after}
}

// Reply is the answer to a request that met err.
func Reply(err error) channel.Reply {
	var t *Trouble
	if errors.As(err, &t) {
		return channel.Reply{Outcome: t.Outcome, After: t.After, Code: t.Code, Detail: t.Detail}
	}
	return channel.Uncertain("error", err.Error())
}

// Client speaks JSON over HTTP to one sales system. Its address is the
// workspace's own, so it may be a private one; it is never led elsewhere.
type Client struct {
	base *url.URL
	http *http.Client
	now  func() time.Time
}

// NewClient makes a client; now is the clock that dates in Retry-After are
// measured by.
func NewClient(base *url.URL, timeout time.Duration, connections int, now func() time.Time) *Client {
	return &Client{base: base, now: now, http: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: connections,
			MaxConnsPerHost:     connections,
			IdleConnTimeout:     60 * time.Second,
			TLSHandshakeTimeout: timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call is one request. Path begins with "/"; a Body is sent as JSON. No personal
// data belongs into Path and Query.
type Call struct {
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   any
	Form   url.Values // sent instead of a Body, for a token
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes the request. An error is a *Trouble: nothing was sent, or no whole
// answer came back.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	req, sent, err := c.request(ctx, call)
	if err != nil {
		return Answer{}, Refused("bad_request", err.Error())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, lost(err, sent.Load())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Answer{}, lost(err, true)
	case len(body) > maxAnswer:
		return Answer{}, &Trouble{Outcome: channel.Unknown, Code: "answer_too_large", Detail: "the answer is larger than 16 MiB"}
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, *atomic.Bool, error) {
	var body io.Reader
	kind := "application/json"
	switch {
	case call.Form != nil:
		body, kind = strings.NewReader(call.Form.Encode()), "application/x-www-form-urlencoded"
	case call.Body != nil:
		b, err := json.Marshal(call.Body)
		if err != nil {
			return nil, nil, errors.New("the request is not JSON")
		}
		body = bytes.NewReader(b)
	}
	sent := &atomic.Bool{}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	target := *c.base
	target.Path += call.Path
	target.RawQuery = call.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, call.Method, target.String(), body)
	if err != nil {
		return nil, nil, errors.New("the request cannot be made")
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "nurture-crm/1")
	return req, sent, nil
}

// lost is the trouble where no answer came.
func lost(err error, sent bool) *Trouble {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL
	}
	if sent {
		return &Trouble{Outcome: channel.Unknown, Code: "network", Detail: "no answer after the request was sent: " + err.Error()}
	}
	return Later(0, "network", "the request was not sent: "+err.Error())
}

// Verdict is the trouble that a status means, nil for a good one. word is what
// the service calls it, "" where it says nothing that is fit for a log.
func (c *Client) Verdict(a Answer, word string) *Trouble {
	code := "http_" + strconv.Itoa(a.Status)
	detail := fmt.Sprintf("the sales system answered %d %s", a.Status, http.StatusText(a.Status))
	if word != "" {
		detail += " (" + word + ")"
	}
	switch {
	case a.Status >= 200 && a.Status < 300:
		return nil
	case a.Status >= 300 && a.Status < 400:
		return Refused(code, detail+"; redirects are not followed, write the final address")
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		// Credentials are mended by an operator; what was to be written waits.
		return Later(0, code, detail+"; look at the credentials in the channel's config")
	case a.Status == http.StatusTooManyRequests:
		return Later(c.After(a.Header), code, detail)
	case a.Status == http.StatusRequestTimeout, a.Status == http.StatusConflict, a.Status == http.StatusLocked, a.Status == http.StatusTooEarly:
		return Later(c.After(a.Header), code, detail)
	case a.Status >= 500:
		// It may have been done; whoever asks again looks first.
		return &Trouble{Outcome: channel.Unknown, Code: code, Detail: detail, After: c.After(a.Header)}
	}
	return Refused(code, detail)
}

// After reads Retry-After: seconds or a date, 0 where there is none.
func (c *Client) After(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return min(max(time.Duration(n)*time.Second, 0), maxAfter)
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(c.now()), 0), maxAfter)
}

// Decode reads an answer's JSON into out.
func (a Answer) Decode(out any) error {
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		return &Trouble{Outcome: channel.Unknown, Code: "bad_answer", Detail: "the answer is not what the sales system's form says"}
	}
	return nil
}
