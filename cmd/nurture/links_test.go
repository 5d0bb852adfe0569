package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

var (
	hrefs  = regexp.MustCompile(`href="([^"]+)"`)
	images = regexp.MustCompile(`<img src="([^"]+)" width="1"`)
)

// A mail's links lead through the server: a click is a fact of the lead who got the
// mail, with the message's id and the link's class, joined to its KPI and its
// experiment; a scanner's HEAD and whoever walks into the trap are machines'.
func TestMailsComeBack(t *testing.T) {
	t.Parallel()
	w := newLinksWorld(t)
	w.begin()
	w.track("asked")
	m := w.mail("etter")

	links := hrefs.FindAllStringSubmatch(m.HTML, -1)
	if len(links) != 5 || links[2][1] != "mailto:links@example.co.jp" {
		t.Fatalf("the mail's links are %q", links)
	}
	if strings.Contains(m.HTML, "cases?id=7") || strings.Contains(m.HTML, "tanaka") || !strings.Contains(m.HTML, "配信を停止する") {
		t.Errorf("the mail is\n%s", m.HTML)
	}
	if strings.Count(m.Text, publicURL+"/t/") != 3 || !strings.Contains(m.Text, links[0][1]) {
		t.Errorf("the text is\n%s", m.Text)
	}
	caseStudy, trap := w.local(links[0][1]), w.local(links[4][1])

	w.later(10 * time.Minute)
	answer := w.request(http.MethodGet, caseStudy, "", "", safari)
	answer.Body.Close()
	if answer.StatusCode != http.StatusFound || answer.Header.Get("Location") != "https://www.example.co.jp/cases?id=7&x=1" || answer.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("the click is answered by %s with %v", answer.Status, answer.Header)
	}
	l := w.lead()
	if got := l.tracked(); len(got) != 1 || got[0].Event != "email_clicked" {
		t.Fatalf("after a click the lead has %v", got)
	}
	fields := l.latest().Fields
	for name, want := range map[string]string{
		"message": m.Key, "channel": "mail", "workflow": "news", "step": "letter", "topic": "news",
		"link": "https://www.example.co.jp/cases?id=7&x=1", "link_class": "case_study",
	} {
		if fields[name] != want {
			t.Errorf("the click's %s is %v, want %s", name, fields[name], want)
		}
	}
	if _, kept := fields["user_agent"]; kept || strings.Contains(fmt.Sprint(fields), "Safari") || strings.Contains(fmt.Sprint(fields), "127.0.0.1") {
		t.Errorf("the client is kept: %v", fields)
	}
	if l.interest() != 10 || !l.decided("judged", "human") {
		t.Errorf("the click pays %v points: %+v", l.interest(), l.latest())
	}
	for _, visit := range []struct{ method, address, agent string }{
		{http.MethodHead, caseStudy, safari}, {http.MethodGet, caseStudy, "Barracuda Sentinel (EE)"}, {http.MethodGet, trap, safari},
	} {
		w.later(time.Hour)
		answer := w.request(visit.method, visit.address, "", "", visit.agent)
		answer.Body.Close()
		if answer.StatusCode != http.StatusFound {
			t.Errorf("%s by %q: %s", visit.method, visit.agent, answer.Status)
		}
		if l = w.lead(); l.latest().Event != "email_clicked" || len(l.latest().Decisions) == 0 || !strings.HasPrefix(l.latest().Decisions[0].Detail, "machine") {
			t.Errorf("%s %q is judged %+v", visit.method, visit.agent, l.latest())
		}
	}
	if l.interest() != 10 || len(l.tracked()) != 4 {
		t.Errorf("machines have paid: %v points, %v", l.interest(), l.tracked())
	}

	w.later(time.Hour)
	pixel := w.ask(http.MethodGet, w.local(images.FindStringSubmatch(m.HTML)[1]), "", "", safari, http.StatusOK)
	if l = w.lead(); !strings.HasPrefix(string(pixel), "GIF89a") || l.latest().Event != "email_opened" || l.latest().Fields["message"] != m.Key {
		t.Errorf("after the pixel %q: %+v", pixel, l.latest())
	}
	w.later(13 * time.Hour)
	w.checkClickRate()
}

// checkClickRate wants the click to count once for the KPI and for the experiment.
func (w *linksWorld) checkClickRate() {
	w.t.Helper()
	w.until("the experiment knows of the click", func() bool {
		experiments := string(w.ask(http.MethodGet, w.url()+"/api/v1/experiments", "", "", "", http.StatusOK))
		return strings.Contains(experiments, `"trials":1,"successes":1`)
	})
	var counted [2]int64
	err := w.server.store.Counts("kpi:clicks", 0, 1<<32, func(d engine.Delta) error {
		if strings.Contains(d.Labels, "step=letter") {
			counted[d.Part] += d.N
		}
		return nil
	})
	if err != nil || counted != [2]int64{1, 1} {
		w.t.Errorf("the KPI has counted %d clicks of %d mails, %v", counted[0], counted[1], err)
	}
}

// The mail's button and the page's form unsubscribe; opening the page does not. What
// is transactional still goes, and everything can be taken back.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	w := newLinksWorld(t)
	w.begin()
	w.track("asked")
	m := w.mail("etter")
	header := map[string]string{}
	for _, line := range m.Header {
		header[line.Name] = line.Value
	}
	out := strings.Trim(header["List-Unsubscribe"], "<>")
	if header["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || !strings.Contains(m.HTML, out) || !strings.Contains(m.Text, out) {
		t.Fatalf("the way out is %q, %q; the mail's text\n%s", out, header["List-Unsubscribe-Post"], m.Text)
	}
	out = w.local(out)

	for _, method := range []string{http.MethodGet, http.MethodHead} {
		page := w.ask(method, out, "", "", safari, http.StatusOK)
		if method == http.MethodGet && (!strings.Contains(string(page), "「news」のメールだけ停止する") || strings.Contains(string(page), "tanaka")) {
			t.Errorf("the page is\n%s", page)
		}
	}
	w.ask(http.MethodPost, out, formURL, "", safari, http.StatusBadRequest)
	w.ask(http.MethodPost, out, formURL, "choice="+strings.Repeat("x", 5000), safari, http.StatusBadRequest)
	if l := w.lead(); len(l.tracked()) != 0 || l.Attributes["unsubscribed"] != nil && l.Attributes["unsubscribed"] != false {
		t.Fatalf("looking at the page has brought %v", l.tracked())
	}

	for range 3 { // a mail program may press the button again
		w.ask(http.MethodPost, out, formURL, "List-Unsubscribe=One-Click", "", http.StatusOK)
	}
	l := w.lead()
	if got := l.tracked(); len(got) != 1 || got[0].Event != "unsubscribed" || l.Attributes["unsubscribed"] != true || l.Consents[0].Revoked == nil {
		t.Fatalf("after the button: %v, %v", got, l.Attributes)
	}
	if f := l.latest().Fields; f["message"] != m.Key || f["source"] != "one_click" {
		t.Errorf("the evidence is %v", f)
	}
	w.later(time.Hour)
	w.track("asked")
	w.track("ordered")
	receipt := w.mail("Receipt")
	if l = w.lead(); !l.decided("skipped", "") {
		t.Error("the next mail was not skipped")
	}
	w.checkReceipt(receipt)

	page := w.ask(http.MethodPost, out, formURL, url.Values{"choice": {"undo_all"}}.Encode(), safari, http.StatusOK)
	if l = w.lead(); !strings.Contains(string(page), "元に戻しました") || l.Attributes["unsubscribed"] == true || l.Consents[0].Revoked != nil {
		t.Fatalf("after the undo: %v\n%s", l.Attributes, page)
	}
	w.later(time.Hour)
	w.track("asked")
	w.mail("etter")

	w.ask(http.MethodPost, out, formURL, url.Values{"choice": {"topic"}}.Encode(), safari, http.StatusOK)
	l = w.lead()
	if f := l.latest().Fields; f["topic"] != "news" || f["source"] != "unsubscribe_page" || l.Attributes["unsubscribed"] == true {
		t.Errorf("after the choice of a topic: %v, %v", f, l.Attributes)
	}
}

// checkReceipt wants a transactional mail with a tracked link and nothing else of
// ours: no pixel, no trap, no way out.
func (w *linksWorld) checkReceipt(m *demo.Mail) {
	w.t.Helper()
	links := hrefs.FindAllStringSubmatch(m.HTML, -1)
	if len(links) != 1 || images.MatchString(m.HTML) || strings.Contains(m.HTML, "/t/u/") || strings.Contains(m.Text, "/t/u/") {
		w.t.Fatalf("the receipt is\n%s\n%s", m.HTML, m.Text)
	}
	for _, line := range m.Header {
		if strings.HasPrefix(line.Name, "List-") {
			w.t.Errorf("the receipt has %s", line.Name)
		}
	}
	if at := w.request(http.MethodGet, w.local(links[0][1]), "", "", safari).Header.Get("Location"); at != "https://www.example.co.jp/orders" {
		w.t.Errorf("the receipt's link leads to %q", at)
	}
}

// In a demo the links of the mailbox work: whoever clicks there is told of as a click
// of the lead, and so are the people of the town.
func TestDevLinks(t *testing.T) {
	t.Parallel()
	c, _ := devCLI(t)
	d, _ := runDev(t, c, devOptions{Home: t.TempDir(), Listen: "127.0.0.1:0", Speed: 3 * time.Hour, Seed: 1, Visitors: true})
	ctx := enginetest.Patience(t)
	own := d.server.url() + "/t/c/"
	m, err := d.mailbox.Wait(ctx, func(m *demo.Mail) bool { return strings.Contains(m.HTML, own) })
	if err != nil {
		t.Fatal(err)
	}
	page, _, _ := fetch(t, fmt.Sprintf("%s/mailbox/%d", d.server.url(), m.Number))
	body, header, _ := fetch(t, fmt.Sprintf("%s/mailbox/%d/body", d.server.url(), m.Number))
	link := hrefs.FindStringSubmatch(body)[1]
	const popups = "allow-popups allow-popups-to-escape-sandbox"
	if !strings.Contains(page, popups) || !strings.Contains(header.Get("Content-Security-Policy"), popups) || !strings.HasPrefix(link, own) {
		t.Fatalf("a link of the mailbox, %s, cannot be opened under %v", link, header)
	}
	w := &linksWorld{t: t, ctx: ctx, server: d.server}
	later := func(long time.Duration) {
		fired, stop := d.clock.At(d.clock.Now().Add(long))
		defer stop()
		select {
		case <-fired:
		case <-ctx.Done():
			t.Fatal("the clock of the demo stands still")
		}
	}
	later(time.Hour)
	answer := w.request(http.MethodGet, link, "", "", safari)
	answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		t.Fatalf("the link is answered by %s", answer.Status)
	}
	var l linksLead
	w.read(w.post("/api/v1/leads/find", map[string]any{"id": m.To[0]}), &l)
	if len(l.tracked()) == 0 {
		t.Errorf("the lead has no click: %+v", l.Facts)
	}
	for clicked := false; !clicked; {
		later(6 * time.Hour)
		metrics := string(w.ask(http.MethodGet, w.url()+"/metrics", "", "", "", http.StatusOK))
		clicked = regexp.MustCompile(`nurture_events_total\{source="tracking",verdict="accepted"\} ([2-9]|\d\d)`).MatchString(metrics)
	}
}

// Links of earlier mails work after a restart, and when the server has no public
// address any more; mails then go without links.
func TestLinksOutliveTheServer(t *testing.T) {
	t.Parallel()
	w := newLinksWorld(t)
	w.begin()
	w.track("asked")
	link := hrefs.FindStringSubmatch(w.mail("etter").HTML)[1]
	w.stop()
	w.start("")
	answer := w.request(http.MethodGet, w.local(link), "", "", safari)
	answer.Body.Close()
	if answer.StatusCode != http.StatusFound {
		t.Errorf("an earlier link is answered by %s", answer.Status)
	}
	w.later(time.Hour)
	w.track("asked")
	if m := w.mail("etter"); strings.Contains(m.HTML, "/t/") || strings.Contains(m.Text, "/t/") || !strings.Contains(m.HTML, "cases?id=7&amp;x=1") {
		t.Errorf("without a public address the mail is\n%s", m.HTML)
	}
}

func TestPublicURLs(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://news.example.co.jp": true, "https://news.example.co.jp/": true, "http://127.0.0.1:8383": true, "https://example.com/mail": true,
		"news.example.co.jp": false, "ftp://example.com": false, "https://": false, "https://a.example/?x=1": false, `https://a.example/"`: false, "https://u@a.example": false,
	} {
		if _, err := newLinks(address, nil); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func aboutUnsubscribe() tracking.Token {
	return tracking.Token{Kind: tracking.Unsubscribe, Lead: [16]byte{1}, Message: [16]byte{2}}
}

// Given keys come before the kept one, which goes on opening what it sealed.
func TestTrackingKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if keys, err := trackingKeys("", dir, false); keys != nil || err != nil {
		t.Fatalf("keys that nobody wants: %v, %v", keys, err)
	}
	first, err := trackingKeys("", dir, true)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLinks(publicURL, first)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := l.links.Keys.Seal(aboutUnsubscribe())
	if err != nil {
		t.Fatal(err)
	}
	second, err := trackingKeys("0123456789abcdef, fedcba9876543210", dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Open(sealed); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	if again, _ := second.Seal(aboutUnsubscribe()); again == sealed {
		t.Error("the old key still seals")
	}
	if _, err := trackingKeys("short", dir, true); err == nil || strings.Contains(err.Error(), "fedcba") {
		t.Errorf("a short key: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, "tracking.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kept key: %v, %v", info, err)
	}
}
