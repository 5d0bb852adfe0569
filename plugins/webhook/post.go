package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

const (
	// maxAnswer is how much of an answer is read, so that the connection can be
	// used again. Nobody looks at it.
	maxAnswer = 64 << 10
	// maxHeader bounds the answer's headers.
	maxHeader = 64 << 10
	// maxAfter is the longest Retry-After that is believed.
	maxAfter = 24 * time.Hour
)

// newClient makes the client that can reach the target and nothing it should
// not: every address is judged after the name was resolved, right before
// connecting, and no proxy and no redirect leads elsewhere.
func newClient(target *url.URL, timeout time.Duration, private bool, networks []netip.Prefix) *http.Client {
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	if !private {
		dialer.Control = guard(target, networks).Safe
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    concurrency,
			MaxConnsPerHost:        concurrency,
			IdleConnTimeout:        60 * time.Second,
			TLSHandshakeTimeout:    timeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// guard allows public addresses, the networks given, and the target's own port:
// that was written into the workspace by its owner.
func guard(target *url.URL, networks []netip.Prefix) *ssrf.Guardian {
	ports := []uint16{80, 443}
	if n, err := strconv.ParseUint(target.Port(), 10, 16); err == nil {
		ports = append(ports, uint16(n))
	}
	var v4, v6 []netip.Prefix
	for _, p := range networks {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithPorts(ports...), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// Do makes one POST.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	body, err := document(r)
	if err != nil {
		return channel.Refuse("bad_payload", err.Error()), nil
	}
	// written is set once anything of the request may have reached the receiver.
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { written.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return channel.Refuse("bad_request", "the request cannot be made"), nil
	}
	for name, values := range c.header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "nurture-webhook/1")
	req.Header.Set("Idempotency-Key", r.Key)
	sign(req.Header, r.Key, c.now(), body, c.keys)
	answer, err := c.client.Do(req)
	if err != nil {
		return lost(err, written.Load()), nil
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	return c.verdict(answer), nil
}

// document is the JSON to post: the part "payload". Other parts are added as
// members, unless the payload has them already.
func document(r channel.Request) ([]byte, error) {
	raw, _ := r.Part(partPayload).(json.RawMessage)
	if raw == nil {
		if text := r.Text(partPayload); text != "" {
			raw = json.RawMessage(text)
		}
	}
	if raw != nil && !json.Valid(raw) {
		return nil, errors.New("part payload is not JSON")
	}
	if raw != nil && len(r.Parts) == 1 {
		return raw, nil
	}
	members := map[string]json.RawMessage{}
	for _, p := range r.Parts {
		if p.Name == partPayload {
			continue
		}
		value, err := json.Marshal(p.Value)
		if err != nil {
			return nil, fmt.Errorf("part %s is not JSON", p.Name)
		}
		members[p.Name] = value
	}
	if raw != nil {
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, errors.New("part payload is not a JSON object, but there are parts beside it")
		}
	}
	return json.Marshal(members)
}

// lost is the reply where no answer came.
func lost(err error, written bool) channel.Reply {
	switch {
	case isBlocked(err):
		return channel.Refuse("address_blocked",
			"the address is of this machine or of a private network; allow_private or allow_cidrs would allow it")
	case written:
		return channel.Uncertain("network", "no answer after the request was sent: "+cause(err))
	}
	return channel.Again(0, "network", "the request was not sent: "+cause(err))
}

func isBlocked(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork) || errors.Is(err, ssrf.ErrProhibitedPort)
}

// cause is the error without the URL that net/http puts before it: a URL may
// hold a secret.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

// verdict is what an answer means.
func (c *Channel) verdict(answer *http.Response) channel.Reply {
	status := answer.StatusCode
	code := "http_" + strconv.Itoa(status)
	detail := fmt.Sprintf("the receiver answered %d %s", status, http.StatusText(status))
	switch {
	case status >= 200 && status < 300:
		return channel.Accepted("")
	case status >= 300 && status < 400:
		return channel.Refuse(code, detail+"; redirects are not followed, write the final address")
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return channel.Again(c.retryAfter(answer.Header.Get("Retry-After")), code, detail)
	}
	return channel.Refuse(code, detail)
}

// retryAfter reads a Retry-After header: seconds, or a date.
func (c *Channel) retryAfter(text string) time.Duration {
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
