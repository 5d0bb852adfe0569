package verdict

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	chrome   = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
	iphone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
	appleApp = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
	outlook  = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
	cubot    = "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
	gmail    = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
	yahoo    = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
)

func TestClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, agent, from string
		trap                bool
		want                Class
	}{
		{"GET", chrome, "203.0.113.5", false, Browser},
		{"GET", chrome, "", false, Browser},
		{"GET", iphone, "2001:db8::1", false, Browser},
		{"GET", appleApp, "", false, Browser},
		{"GET", outlook, "", false, Browser},
		{"GET", cubot, "", false, Browser},
		{"GET", "Mozilla/5.0", "", false, Prefetcher},
		{"GET", gmail, "66.249.84.1", false, PictureProxy},
		{"GET", yahoo, "", false, PictureProxy},
		{"GET", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "", false, Tool},
		{"GET", "python-requests/2.32", "", false, Tool},
		{"GET", "curl/8.4.0", "", false, Tool},
		{"GET", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/146.0 Safari/537.36", "", false, Tool},
		{"HEAD", "Microsoft Office Existence Discovery", "", false, Tool},
		{"GET", "Mozilla/5.0 (compatible; Proofpoint/2.0)", "", false, Scanner},
		{"GET", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "", false, Preview},
		{"HEAD", chrome, "", false, HeadOnly},
		{"GET", "", "203.0.113.5", false, Nameless},
		{"GET", "   ", "", false, Nameless},
		{"", "", "", false, Unseen},
		{"GET", chrome, "40.94.20.1", false, Browser},
		{"GET", chrome, "40.93.1.2", false, Scanner},
		{"GET", chrome, "::ffff:40.93.1.2", false, Scanner},
		{"GET", chrome, "2a01:111:f403:1234::1", false, Scanner},
		{"GET", chrome, "67.231.150.7", false, LikelyScanner},
		{"GET", "", "40.93.1.2", false, Scanner},
		{"GET", chrome, "203.0.113.5", true, Trapped},
		{"", "", "", true, Trapped},
	} {
		r := Request{Method: c.method, Agent: c.agent, Trap: c.trap}
		if c.from != "" {
			r.From = netip.MustParseAddr(c.from)
		}
		if got := Known().Class(r); got != c.want {
			t.Errorf("%+v: class %d, want %d", c, got, c.want)
		}
	}
}

// The table that comes with the program says when it was looked at, and every group of
// entries says where it is from.
func TestKnownClientsTellTheirSources(t *testing.T) {
	t.Parallel()
	c := Known()
	if other, err := ParseClients(known + "\nagent has x tool"); err != nil || len(c.Digest) != 16 || other.Digest == c.Digest {
		t.Errorf("digest %q, with one more entry %q (%v)", c.Digest, other.Digest, err)
	}
	if _, err := time.Parse(time.DateOnly, c.Date); err != nil {
		t.Errorf("date %q: %v", c.Date, err)
	}
	if len(c.agents) < 40 || len(c.networks) < 10 {
		t.Errorf("%d agents, %d networks", len(c.agents), len(c.networks))
	}
	for i, a := range c.agents {
		for _, earlier := range c.agents[:i] {
			if !earlier.whole && strings.Contains(a.text, earlier.text) {
				t.Errorf("%q is never reached, because %q comes first", a.text, earlier.text)
			}
		}
	}
	for group := range strings.SplitSeq(known, "\n\n") {
		if strings.Contains(group, "\nnetwork ") && !strings.Contains(group, "# Source: ") {
			t.Errorf("no source:\n%s", group)
		}
	}
}

func TestParseClients(t *testing.T) {
	t.Parallel()
	c, err := ParseClients("# date 2030-01-02\n\nagent has My Filter scanner\nnetwork 192.0.2.77/24 likely_scanner\n")
	if err != nil || c.Date != "2030-01-02" {
		t.Fatalf("%+v (%v)", c, err)
	}
	if got := c.Class(Request{Method: "GET", Agent: "my filter 2"}); got != Scanner {
		t.Errorf("class %d", got)
	}
	if got := c.Class(Request{Method: "GET", Agent: chrome, From: netip.MustParseAddr("192.0.2.1")}); got != LikelyScanner {
		t.Errorf("class %d", got)
	}
	for text, want := range map[string]string{
		"\nagent has x":                        "line 2: \"agent has x\" does not end in a class",
		"agent has scanner":                    "is no entry",
		"agent like x tool":                    "write for example \"agent has curl/ tool\"",
		"network 192.0.2.0 scanner":            "\"192.0.2.0\" is no network",
		"network 192.0.2.0/24 x scanner":       "is no entry",
		"tool":                                 "does not end in a class",
		"x y tool":                             "is no entry",
		strings.Repeat("x", 100_000) + " tool": "read clients: ",
	} {
		if _, err := ParseClients(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	if c, err := ParseClients(""); err != nil || c.Class(Request{Method: "GET", Agent: "curl/8"}) != Browser {
		t.Errorf("an empty table: %v", err)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"203.0.113.5": "203.0.113.5", "203.0.113.5:443": "203.0.113.5", "2001:db8::1": "2001:db8::1",
		"[2001:db8::1]:443": "2001:db8::1", "": "invalid IP", "a person": "invalid IP",
	} {
		if got := Address(text).String(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestClassTakesAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), 0, 17).Draw(t, "address"))
		r := Request{Method: rapid.String().Draw(t, "method"), Agent: rapid.String().Draw(t, "agent"), From: from}
		if class := Known().Class(r); class > Nameless {
			t.Fatalf("class %d of %+v", class, r)
		}
		if c, err := ParseClients(rapid.String().Draw(t, "table")); err == nil {
			c.Class(r)
		}
	})
}

func BenchmarkClass(b *testing.B) {
	r := Request{Method: "GET", Agent: chrome, From: netip.MustParseAddr("203.0.113.5")}
	for b.Loop() {
		Known().Class(r)
	}
}
