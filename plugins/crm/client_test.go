package crm_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest/deadend"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

func noon() time.Time { return time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC) }

// client is a client of a service that answers so.
func client(t *testing.T, h http.HandlerFunc) *crm.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return clientOf(t, s.URL)
}

func clientOf(t *testing.T, address string) *crm.Client {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c := crm.NewClient(base, 2*time.Minute, 2, noon)
	t.Cleanup(c.Close)
	return c
}

// What a status means, and how long to wait where the service says so.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		after   string
		outcome channel.Outcome
		wait    time.Duration
	}{
		{200, "", channel.Done, 0},
		{207, "", channel.Done, 0},
		{301, "", channel.Refused, 0},
		{400, "", channel.Refused, 0},
		{401, "", channel.Retry, 0},
		{403, "", channel.Retry, 0},
		{404, "", channel.Refused, 0},
		{409, "", channel.Retry, 0},
		{429, "17", channel.Retry, 17 * time.Second},
		{429, "Mon, 02 Nov 2026 12:05:00 GMT", channel.Retry, 5 * time.Minute},
		{429, "Mon, 02 Nov 2026 11:00:00 GMT", channel.Retry, 0},
		{429, "99999999", channel.Retry, 24 * time.Hour},
		{500, "", channel.Unknown, 0},
		{503, "3", channel.Unknown, 3 * time.Second},
	} {
		cl := client(t, func(w http.ResponseWriter, _ *http.Request) {
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			w.WriteHeader(c.status)
		})
		a, err := cl.Do(t.Context(), crm.Call{Method: http.MethodPost, Path: "/x", Body: map[string]string{"a": "b"}})
		if err != nil {
			t.Fatal(err)
		}
		got := channel.Accepted("")
		if trouble := cl.Verdict(a, ""); trouble != nil {
			got = crm.Reply(trouble)
		}
		if got.Outcome != c.outcome || got.After != c.wait || got.Outcome != channel.Done && (got.Code == "" || got.Detail == "") {
			t.Errorf("%d %q: %+v", c.status, c.after, got)
		}
	}
}

// Before anything was sent it is certain that nothing was done; afterwards nobody
// knows. Addresses stay out of what is said.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	cut := client(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	away := clientOf(t, "http://"+deadend.Address(t))
	for want, c := range map[channel.Outcome]*crm.Client{channel.Unknown: cut, channel.Retry: away} {
		_, err := c.Do(t.Context(), crm.Call{Method: http.MethodPost, Path: "/secret-path", Body: 1})
		var trouble *crm.Trouble
		if !errors.As(err, &trouble) || trouble.Outcome != want || strings.Contains(err.Error(), "secret-path") {
			t.Errorf("error %v, want %v", err, want)
		}
	}
}
