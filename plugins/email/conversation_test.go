package email

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest/deadend"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
	"github.com/seed-456efde2/nurture/plugins/internal/smtptest"
)

// What the server answers decides what becomes of the mail.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	said := func(code int, text string) func(int, string) error {
		return func(int, string) error { return smtptest.Answer(code, text) }
	}
	gone := func(int, string) error { return smtptest.ErrHangUp }
	judged := func(err error) func(int, smtptest.Mail) error {
		return func(int, smtptest.Mail) error { return err }
	}
	for name, c := range map[string]struct {
		server  smtptest.Options
		outcome channel.Outcome
		code    string
	}{
		"mail 451":         {smtptest.Options{Mail: said(451, "busy")}, channel.Retry, "smtp_451"},
		"mail 421":         {smtptest.Options{Mail: said(421, "going down")}, channel.Retry, "smtp_421"},
		"mail 550":         {smtptest.Options{Mail: said(550, "who are you")}, channel.Refused, "smtp_550"},
		"rcpt 450":         {smtptest.Options{Rcpt: said(450, "greylisted <tanaka@example.co.jp>")}, channel.Retry, "smtp_450"},
		"rcpt 550":         {smtptest.Options{Rcpt: said(550, "no such user <tanaka@example.co.jp>")}, channel.Refused, "smtp_550"},
		"rcpt lost":        {smtptest.Options{Rcpt: gone}, channel.Retry, "smtp_connection"},
		"data 452":         {smtptest.Options{Data: judged(smtptest.Answer(452, "full"))}, channel.Retry, "smtp_452"},
		"data 421":         {smtptest.Options{Data: judged(smtptest.Answer(421, "going down"))}, channel.Retry, "smtp_421"},
		"data 554":         {smtptest.Options{Data: judged(smtptest.Answer(554, "spam"))}, channel.Refused, "smtp_554"},
		"lost after dot":   {smtptest.Options{Data: judged(smtptest.ErrHangUp)}, channel.Unknown, "smtp_no_answer"},
		"wrong password":   {smtptest.Options{User: "sato", Password: "other"}, channel.Retry, "smtp_auth"},
		"starttls missing": {smtptest.Options{}, channel.Retry, "smtp_connect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smtptest.Start(t, c.server)
			more := map[string]any{}
			if c.server.User != "" {
				more = map[string]any{"user": "sato", "password": "secret"}
			}
			if name == "starttls missing" {
				more["tls"] = "starttls"
			}
			want(t, do(t, configured(t, s, more), request()), c.outcome, c.code)
			if n := s.Count("data"); n > 1 {
				t.Errorf("%d tries", n)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	c := configured(t, &smtptest.Server{Addr: deadend.Address(t)}, nil)
	want(t, do(t, c, request()), channel.Retry, "smtp_connect")
	if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "host: Mail server not usable") {
		t.Errorf("Check: %v", err)
	}
}

func TestSecuredLines(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"starttls", "tls"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := smtptest.Start(t, smtptest.Options{TLS: how, User: "sato@acme.co.jp", Password: "secret"})
			// Where only a password is given, the sender's address is the user.
			c := configured(t, s, map[string]any{"tls": how, "password": "secret", "ca": s.CA})
			want(t, do(t, c, request()), channel.Done, "")
			if m := <-s.Came; !m.Secured || m.User != "sato@acme.co.jp" {
				t.Errorf("secured %v, user %q", m.Secured, m.User)
			}
			if err := c.Check(t.Context()); err != nil {
				t.Error(err)
			}
			strange := configured(t, s, map[string]any{"tls": how, "password": "secret"})
			want(t, do(t, strange, request()), channel.Retry, "smtp_connect")
		})
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, map[string]any{"connections": 3.0})
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			if got, err := c.Do(t.Context(), request()); err != nil || got.Outcome != channel.Done {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	wg.Wait()
	if conns, mails := s.Count("conn"), s.Count("data"); conns > 3 || mails != 60 {
		t.Errorf("%d mails over %d connections", mails, conns)
	}
}

func TestConnectionIsRenewed(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, map[string]any{"messages_per_connection": 2.0})
	for range 5 {
		want(t, do(t, c, request()), channel.Done, "")
	}
	if n := s.Count("conn"); n != 3 {
		t.Errorf("5 mails over %d connections", n)
	}
}

// After a refusal the connection serves the next mail.
func TestRefusalKeepsTheConnection(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{Rcpt: func(n int, _ string) error {
		if n == 1 {
			return smtptest.Answer(550, "no such user")
		}
		return nil
	}})
	c := configured(t, s, nil)
	want(t, do(t, c, request()), channel.Refused, "smtp_550")
	want(t, do(t, c, request()), channel.Done, "")
	if n := s.Count("conn"); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A server that closes an idle connection costs nothing but a new one, even when
// that is noticed only in the middle of the envelope.
func TestServerClosesIdleConnection(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, nil)
	want(t, do(t, c, request()), channel.Done, "")
	s.HangUp()
	want(t, do(t, c, request()), channel.Done, "")
	if conns, mails := s.Count("conn"), s.Count("data"); conns != 2 || mails != 2 {
		t.Errorf("%d mails over %d connections", mails, conns)
	}
}

// A connection that rested is asked whether it is alive before it is used.
func TestRestedConnectionIsAsked(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	now := noon
	c := New(func() time.Time { return now })
	if ds := configure(c, map[string]any{"host": s.Addr, "from": "a@b.jp", "tls": "none", "idle_timeout": "1h"}); ds.Failed() {
		t.Fatal(ds)
	}
	defer c.Close()
	want(t, do(t, c, request()), channel.Done, "")
	now = now.Add(time.Minute)
	want(t, do(t, c, request()), channel.Done, "")
	if n := s.Count("conn"); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.HangUp()
	now = now.Add(time.Minute)
	want(t, do(t, c, request()), channel.Done, "")
	if n := s.Count("conn"); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestUnusedConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := New(nil)
	if ds := configure(c, map[string]any{"host": s.Addr, "from": "a@b.jp", "tls": "none", "idle_timeout": "20ms"}); ds.Failed() {
		t.Fatal(ds)
	}
	defer c.Close()
	want(t, do(t, c, request()), channel.Done, "")
	select {
	case <-s.Left:
	case <-time.After(2 * time.Minute):
		t.Fatal("an unused connection stays open")
	}
}

// Leave is asked after the mail was written and before it counts.
func TestWithoutLeaveNothingIsSent(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, nil)
	asked := 0
	r := request().OnCommit(func(context.Context) error { asked++; return errors.New("too late") })
	want(t, do(t, c, r), channel.Retry, "not_granted")
	if n := s.Count("data"); asked != 1 || n != 0 {
		t.Errorf("asked %d times, %d mails taken", asked, n)
	}
	want(t, do(t, c, request()), channel.Done, "")
}

// A server that says nothing is waited for no longer than the channel's patience
// before the dot, and no longer than the action's time after it.
func TestPatience(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	t.Cleanup(func() { close(silent) })
	wait := func() error { <-silent; return smtptest.ErrHangUp }
	before := smtptest.Start(t, smtptest.Options{Rcpt: func(int, string) error { return wait() }})
	for patience := 100 * time.Millisecond; ; patience *= 4 {
		got := do(t, configured(t, before, map[string]any{"timeout": patience.String()}), request())
		if got.Code == "smtp_connect" && patience < time.Minute {
			continue // the machine was too busy even for a connection in that time
		}
		want(t, got, channel.Retry, "smtp_connection")
		break
	}

	over := make(chan struct{})
	after := smtptest.Start(t, smtptest.Options{Data: func(int, smtptest.Mail) error { close(over); return wait() }})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-over // the dot is out: the action's time is over now
		cancel()
	}()
	ahead := configured(t, after, nil) // whatever the channel's own clock says
	ahead.now = func() time.Time { return noon.AddDate(100, 0, 0) }
	got, err := ahead.Do(ctx, request())
	if err != nil {
		t.Fatal(err)
	}
	want(t, got, channel.Unknown, "smtp_no_answer")
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := map[string]any{"host": "smtp.acme.co.jp:587", "from": "佐藤 <sato@acme.co.jp>"}
	for _, x := range []struct {
		path string
		v    any
	}{
		{"host", "smtp.acme.co.jp:99999"},
		{"host", "http://smtp"},
		{"from", "sato"},
		{"from", "a@b.jp, c@d.jp"},
		{"reply_to", "x"},
		{"tls", "none"},
		{"tls", "ssl"},
		{"connections", 0.0},
		{"connections", 99.0},
		{"idle_timeout", "soon"},
		{"ca", "nonsense"},
		{"dkim.key", map[string]any{"domain": "acme.co.jp", "selector": "s", "key": "nonsense"}},
		{"dkim.selector", map[string]any{"domain": "acme.co.jp", "key": "nonsense"}},
	} {
		values := map[string]any{}
		for k, v := range good {
			values[k] = v
		}
		name, _, _ := strings.Cut(x.path, ".")
		values[name] = x.v
		ds := configure(New(nil), values)
		if !ds.Failed() || ds[0].Path != x.path || ds[0].Summary.Ja == "" {
			t.Errorf("%s = %v: %+v", x.path, x.v, ds)
		}
	}
	c := New(nil)
	if ds := configure(c, good); len(ds) != 0 || c.settings.tls != tlsStart || c.settings.port != 587 {
		t.Errorf("%v %+v", ds, c.settings)
	}
	_ = c.Close()
	c = New(nil)
	if ds := configure(c, map[string]any{"host": "smtp.acme.co.jp:465", "from": "a@b.jp"}); len(ds) != 0 || c.settings.tls != tlsFull {
		t.Errorf("%v %+v", ds, c.settings)
	}
	_ = c.Close()
}

func TestConformance(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := smtptest.Start(t, smtptest.Options{Rcpt: func(_ int, to string) error {
		if strings.HasPrefix(to, "hold") {
			<-release
		}
		return nil
	}})
	t.Cleanup(func() { close(release) })
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"host": s.Addr, "from": "sato@acme.co.jp", "tls": "none", "timeout": "2m"},
		Parts: func(n int) []channel.Part {
			return request().Parts
		},
		Hold: []channel.Part{
			{Name: "to", Value: "hold@example.co.jp"}, {Name: "subject", Value: "x"}, {Name: "text", Value: "y"},
		},
		Large: func(text string) []channel.Part {
			return append(request().Parts, channel.Part{Name: "html", Value: text})
		},
	})
}
