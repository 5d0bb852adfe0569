// Package outgoing is how the built-in channels speak HTTP to the services behind
// them: to where the workspace says and nowhere else, with bounds on everything
// that comes back, and with one reading of what a failure means.
package outgoing

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

const (
	// MaxAnswer is how much of an answer is read.
	MaxAnswer = 64 << 10
	// maxHeader bounds the answer's headers.
	maxHeader = 64 << 10
	// maxAfter is the longest Retry-After that is believed.
	maxAfter = 24 * time.Hour
	// maxRedirects bounds Options.Redirects.
	maxRedirects = 10
)

// Options say where a client may go.
type Options struct {
	// Target is the address that the owner of the workspace wrote; its port is
	// allowed.
	Target *url.URL
	// Timeout is the patience with one request. Default: none but the context's.
	Timeout time.Duration
	// Concurrency is how many connections are kept. Default 4.
	Concurrency int
	// Private allows addresses of this machine and of private networks. Default:
	// they are refused.
	Private bool
	// Networks are private networks that are allowed. Default: none.
	Networks []netip.Prefix
	// Ports are allowed beside 80, 443 and the target's. Default: none.
	Ports []uint16
	// Redirects is how many are followed, each to the same host, by the same
	// method. Default: none; the redirect is the answer.
	Redirects int
}

// NewClient makes a client that reaches its target and nothing it should not:
// every address is judged after the name was resolved, right before connecting,
// and no proxy leads elsewhere.
func NewClient(o Options) *http.Client {
	if o.Concurrency <= 0 {
		o.Concurrency = 4
	}
	dialer := &net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second}
	if !o.Private {
		dialer.Control = guard(o).Safe
	}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: bounded{&http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    o.Concurrency,
			MaxConnsPerHost:        o.Concurrency,
			IdleConnTimeout:        60 * time.Second,
			TLSHandshakeTimeout:    o.Timeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true,
		}},
		CheckRedirect: redirects(min(o.Redirects, maxRedirects)),
	}
}

// guard allows public addresses, the networks given, and the target's own port:
// that was written into the workspace by its owner.
func guard(o Options) *ssrf.Guardian {
	ports := append([]uint16{80, 443}, o.Ports...)
	if n, err := strconv.ParseUint(o.Target.Port(), 10, 16); err == nil {
		ports = append(ports, uint16(n))
	}
	var v4, v6 []netip.Prefix
	for _, p := range o.Networks {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithPorts(ports...), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// redirects follows up to so many. A redirect that would change the method loses
// the body, one to another host or to an open line takes secrets there: neither is
// followed, the redirect itself is the answer then.
func redirects(most int) func(*http.Request, []*http.Request) error {
	return func(to *http.Request, via []*http.Request) error {
		from := via[0]
		same := to.URL.Host == from.URL.Host && to.URL.Scheme == from.URL.Scheme && to.Method == from.Method
		if len(via) > most || !same {
			return http.ErrUseLastResponse
		}
		return nil
	}
}

// bounded cuts every answer, whoever reads it.
type bounded struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.Transport.RoundTrip(r)
	if err == nil {
		answer.Body = limited{io.LimitReader(answer.Body, MaxAnswer), answer.Body}
	}
	return answer, err
}

type limited struct {
	io.Reader
	io.Closer
}

// Sent tells whether anything of a request may have reached the receiver.
type Sent struct{ written atomic.Bool }

// Watch returns a context by which the request is watched.
func (s *Sent) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { s.written.Store(true) },
	})
}

// Lost is the reply where no answer came.
func (s *Sent) Lost(err error) channel.Reply {
	switch {
	case isBlocked(err):
		return channel.Refuse("address_blocked",
			"the address is of this machine or of a private network, or its port is not allowed; "+
				"allow_private, allow_cidrs or allow_ports would allow it")
	case s.written.Load():
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

// Passing reports a status that says "not now": the request was not performed and
// may be made again.
func Passing(status int) bool {
	return slices.Contains([]int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests}, status) || status >= 500
}

// RetryAfter reads the header of that name: seconds, or a date. It is 0 where it
// says nothing.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
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
	return min(max(at.Sub(now), 0), maxAfter)
}

// Drain reads what is left of an answer, so that the connection can be used again.
func Drain(answer *http.Response) []byte {
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body) // bounded; a cut answer is judged by its status
	return body
}
