package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
)

// The language of --lang, else of the environment, chooses the demo; a starter that is
// named in one language stays what it is. It is not parallel, because the environment
// is everybody's.
func TestDevChoosesItsLanguage(t *testing.T) {
	for _, c := range []struct {
		all, lang, flag, starter string
		want                     string
	}{
		{"", "ja_JP.UTF-8", "", "", "document-request-ja"},
		{"", "en_US.UTF-8", "", "", "document-request-en"},
		{"", "C", "", "", "document-request-en"},
		{"", "", "", "", "document-request-en"},
		{"", "de_DE.UTF-8", "", "", "document-request-en"},
		{"ja_JP.UTF-8", "en_US.UTF-8", "", "", "document-request-ja"},
		{"", "en_US.UTF-8", "ja", "", "document-request-ja"},
		{"", "ja_JP.UTF-8", "en", "", "document-request-en"},
		{"", "ja_JP.UTF-8", "", "webinar", "webinar-ja"},
		{"", "ja_JP.UTF-8", "en", "webinar-ja", "webinar-ja"},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", c.lang)
		o := devOptions{Starter: c.starter}
		if err := (&cli{lang: c.flag}).chooseDemo(&o); err != nil || o.Starter != c.want {
			t.Errorf("%+v: %q, %v", c, o.Starter, err)
		}
	}
	o := devOptions{Workspace: "rules"}
	if err := (&cli{}).chooseDemo(&o); err != nil || o.Starter != "" {
		t.Errorf("beside a workspace of one's own the starter is %q, %v", o.Starter, err)
	}
	o = devOptions{Starter: "nothing"}
	if err := (&cli{}).chooseDemo(&o); err == nil || !strings.Contains(err.Error(), "document-request-en") {
		t.Errorf("a starter that is not there: %v", err)
	}
}

// An English demo has English people, mails and sales, and its pages tell the time of
// its zone.
func TestDevSpeaksEnglish(t *testing.T) {
	t.Parallel()
	c, out := devCLI(t)
	d, _ := runDev(t, c, devOptions{Home: t.TempDir(), Starter: "document-request-en", Listen: "127.0.0.1:0", Speed: 3 * time.Hour, Seed: 1, Visitors: true})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := out.wait(ctx, "from Mon 5 October 2026, 09:00 on"); err != nil {
		t.Error(err)
	}
	if got := d.clock.Start().Format(time.RFC3339); got != "2026-10-05T09:00:00-04:00" {
		t.Errorf("the demo begins at %s", got)
	}
	m, err := d.mailbox.Wait(ctx, func(m *demo.Mail) bool { return m.Subject == "Your Harbor Ledger product guide" })
	if err != nil {
		t.Fatal(err)
	}
	if len(m.To) != 1 || !strings.HasSuffix(m.To[0], ".example.com") && !strings.HasSuffix(m.To[0], ".example.net") {
		t.Errorf("a mail went to %v", m.To)
	}
	packet, err := d.desk.Wait(ctx, func(p demo.Packet) bool { return p.TossUp == "hot_lead" && p.State == demo.Accepted })
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains([]string{"New York team", "Atlanta team", "West coast team"}, packet.Owner) || !strings.Contains(packet.Subject, "(interest ") {
		t.Errorf("sales was handed %+v", packet)
	}
	for path, want := range map[string]string{"/": "Document request", "/mailbox": "Every mail that is sent arrives here", "/sales": "Leads handed to sales"} {
		if body, _, _ := fetch(t, d.server.url()+path); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	if tally := d.desk.Tally(); tally.Rejected+tally.Unread > 0 {
		t.Errorf("the desk turned something away: %+v", tally)
	}
}
