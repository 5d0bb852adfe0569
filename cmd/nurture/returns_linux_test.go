package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// returnRules send a mail for each "asked", by a channel that reads what comes back
// from a Maildir.
const returnRules = `project "returns" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  key = "email"
  text "email" { required = true }
}

event "asked" {}

consent "news" {
  granted = event.consent_given
  when    = "event.purpose == 'news'"
  revoked = event.unsubscribed
}

contact_policy "default" { requires = consent.news }

channel "mail" {
  plugin = "email"
  config {
    host    = env("RELAY")
    from    = "Sato <sato@back.test>"
    tls     = "none"
    bounces = "bounces@back.test"
    replies = "reply@back.test"
    maildir = env("MAILDIR")
    poll    = "1s"
  }
}

workflow "news" {
  enter { on = event.asked }
  re_enter { after = "1m" }
  steps {
    email "letter" {
      subject  = "お知らせ"
      template = "letter.md"
    }
  }
}
`

// TestWhatComesBack sends mails through a real Postfix to a server that knows one of
// the recipients only. Postfix writes the bounce of the other to the return path of
// that mail, into a Maildir, from which the plugin takes it: the lead is barred, and
// gets no second mail. An automatic reply, an answer and a complaint, laid into the
// same Maildir, become what they are.
func TestWhatComesBack(t *testing.T) {
	ctx := enginetest.Patience(t)
	target := newTarget(t)
	relay := newPostfix(t, target.addr)
	relay.stopAtEnd()
	relay.run("postconf", "-c", filepath.Join(relay.folder, "etc"), "-e", "defer_transports =")
	relay.do("start")
	box := filepath.Join(relay.folder, "mailbox")
	w := newRelayWorld(t, ctx, map[string]string{"project.hcl": returnRules, "templates/letter.md": relayRules["templates/letter.md"]},
		map[string]string{"RELAY": relay.addr(), "MAILDIR": box})
	defer w.stop()

	for _, who := range []string{"here", "gone", "angry"} {
		w.call("identify", who, "")
		w.call("track", who, "consent_given")
		w.call("track", who, "asked")
	}
	w.until("the bounce has come", func() bool { return w.fact("gone", "email_bounced") != nil })
	bounce := w.fact("gone", "email_bounced")
	if bounce.Fields["kind"] != "hard" || bounce.Fields["reason"] != "unknown_user" || bounce.Fields["channel"] != "mail" || bounce.Fields["message"] == "" {
		t.Errorf("bounce %+v", bounce)
	}
	w.until("the mails have arrived", func() bool { return target.mail("here@") != "" && target.mail("angry@") != "" })
	answer := replyTo.FindStringSubmatch(target.mail("here@"))
	if answer == nil {
		t.Fatalf("no reply address in\n%s", target.mail("here@"))
	}
	lay(t, box, "auto", "From: here@example.com\nTo: "+answer[1]+"\nSubject: 自動返信: お知らせ\nAuto-Submitted: auto-replied\n\n不在です。\n")
	w.until("the automatic reply has come", func() bool { return w.fact("here", "email_auto_replied") != nil })
	if w.fact("here", "email_replied") != nil {
		t.Error("a machine's answer is taken for a person's")
	}
	lay(t, box, "reply", "From: here@example.com\nTo: "+answer[1]+"\nSubject: Re: お知らせ\n\nお話を聞かせてください。\n")
	w.until("the answer has come", func() bool { return w.fact("here", "email_replied") != nil })
	lay(t, box, "complaint", "From: abuse@isp.test\nTo: bounces@back.test\nSubject: FW\n"+
		"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n"+
		"Feedback-Type: abuse\n\n--b\nContent-Type: message/rfc822\n\n"+target.mail("angry@")+"\n--b--\n")
	w.until("the complaint has come", func() bool { return w.fact("angry", "email_complained") != nil })

	w.pass(5 * time.Minute)
	for _, who := range []string{"gone", "angry", "here"} {
		w.call("track", who, "asked")
	}
	for _, who := range []string{"gone", "angry"} {
		w.until(who+" is not written to", func() bool { return w.lead(who).decided("skipped", "suppressed") })
	}
	w.until("who can be reached gets the next one", func() bool { return target.count("here@") == 2 })
	if n := target.count("gone@") + target.count("angry@"); n != 1 {
		t.Errorf("%d mails to those who are barred have arrived", n)
	}
	w.until("every mail of the box was taken", func() bool { // a while after its lead was told
		left, err := os.ReadDir(filepath.Join(box, "new"))
		if err != nil {
			t.Fatal(err)
		}
		return len(left) == 0
	})
}

var replyTo = regexp.MustCompile(`(?i)\nReply-To:\s*<?(reply\+[a-z2-7]{56}@back\.test)>?`)

// lay puts a mail into a Maildir, as mail servers do.
func lay(t *testing.T, box, name, mail string) {
	t.Helper()
	tmp := filepath.Join(box, "tmp", name)
	if err := errors.Join(os.WriteFile(tmp, []byte(mail), 0o644), os.Rename(tmp, filepath.Join(box, "new", name))); err != nil {
		t.Fatal(err)
	}
}

// call sends a call about a lead.
func (w *relayWorld) call(kind, who, event string) {
	w.t.Helper()
	w.calls++
	call := map[string]any{"type": kind, "userId": who, "messageId": who + event + string(rune('a'+w.calls))}
	if event != "" {
		call["event"], call["properties"] = event, map[string]any{}
		if event == "consent_given" {
			call["properties"] = map[string]any{"purpose": "news"}
		}
	} else {
		call["traits"] = map[string]any{"email": who + "@example.com"}
	}
	b, err := json.Marshal(map[string]any{"batch": []any{call}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.post("/v1/batch", string(b))
}

func (w *relayWorld) lead(who string) *linksLead {
	w.t.Helper()
	var l linksLead
	if err := json.Unmarshal(w.post("/api/v1/leads/find", `{"id":"`+who+`"}`), &l); err != nil {
		w.t.Fatal(err)
	}
	return &l
}

// fact is the latest fact of that event about a lead, nil for none.
func (w *relayWorld) fact(who, event string) *linksFact {
	w.t.Helper()
	l := w.lead(who)
	for i := range l.Facts {
		if l.Facts[i].Event == event {
			return &l.Facts[i]
		}
	}
	return nil
}

// target is the server of the recipients. It knows everybody but gone@.
type target struct {
	addr string

	mu    sync.Mutex
	mails map[string][]string // by recipient
}

func newTarget(t *testing.T) *target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &target{addr: l.Addr().String(), mails: map[string][]string{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &targetSession{target: g}, nil }))
	server.Domain, server.ErrorLog = "mx.test", log.New(io.Discard, "", 0)
	var around sync.WaitGroup
	around.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); around.Wait() })
	return g
}

// count is how many mails have come for a recipient.
func (g *target) count(to string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for who, mails := range g.mails {
		if strings.HasPrefix(who, to) {
			n += len(mails)
		}
	}
	return n
}

// mail is the first mail to a recipient, "" for none.
func (g *target) mail(to string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for who, mails := range g.mails {
		if strings.HasPrefix(who, to) {
			return strings.ReplaceAll(mails[0], "\r\n", "\n")
		}
	}
	return ""
}

type targetSession struct {
	target *target
	to     string
}

func (s *targetSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *targetSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "gone@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user here"}
	}
	s.to = to
	return nil
}

func (s *targetSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.target.mu.Lock()
	defer s.target.mu.Unlock()
	s.target.mails[s.to] = append(s.target.mails[s.to], string(b))
	return nil
}

func (s *targetSession) Reset()        {}
func (s *targetSession) Logout() error { return nil }
