package email

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

const (
	testKey   = "00112233445566778899aabbccddeeff"
	testToken = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx"
)

// bounceMail is a bounce of the mail with the test's key, and token where it says.
func bounceMail(to, status string) string {
	return "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nTo: " + to + "\nSubject: Undelivered Mail\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; tanaka@example.co.jp\nAction: failed\nStatus: " + status + "\n\n" +
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + testKey + "@acme.co.jp>\nTo: tanaka@example.co.jp\n\n--b--\n"
}

const replyMail = "From: tanaka@example.co.jp\nTo: r+" + testToken + "@acme.co.jp\nSubject: Re: News\nDate: Tue, 06 Oct 2026 10:00:00 +0900\n\nyes\n"

// keeper is an Inbox that keeps what it is given.
type keeper struct {
	mu     sync.Mutex
	facts  []channel.Fact
	cursor string
	refuse bool
	came   chan struct{}
}

func newKeeper() *keeper { return &keeper{came: make(chan struct{}, 1000)} }

func (k *keeper) Cursor() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.cursor
}

func (k *keeper) Accept(_ context.Context, facts []channel.Fact, cursor string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.came <- struct{}{} }()
	if k.refuse {
		return errors.New("not now")
	}
	k.facts, k.cursor = append(k.facts, facts...), cursor
	return nil
}

func (k *keeper) taken() []channel.Fact {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]channel.Fact(nil), k.facts...)
}

// intakeChannel is a channel that sends nothing.
func intakeChannel(t *testing.T, more map[string]any) *Channel {
	t.Helper()
	c := New(nil)
	values := map[string]any{"host": "127.0.0.1:25", "from": "sato@acme.co.jp", "tls": "none", "poll": "100ms"}
	for name, v := range more {
		values[name] = v
	}
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// listen lets the channel listen until n facts or answers have come.
func listen(t *testing.T, c *Channel, k *keeper, n int) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.Listen(ctx, k) }()
	for range n {
		select {
		case <-k.came:
		case err := <-done:
			return err
		}
	}
	cancel()
	return <-done
}

func checkFact(t *testing.T, f channel.Fact, event, kind, token, action string) {
	t.Helper()
	if f.Event != event || f.Token != token || f.Action != action || f.ID == "" || f.At.IsZero() {
		t.Errorf("fact %+v, want %s with token %q and action %q", f, event, token, action)
	}
	if kind != "" && f.Fields["kind"] != kind {
		t.Errorf("kind %v, want %s", f.Fields["kind"], kind)
	}
}

func maildir(t *testing.T, mails ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range mails {
		if err := os.WriteFile(filepath.Join(dir, "new", fmt.Sprint(i)), []byte(m), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestMaildirIsTakenOnce(t *testing.T) {
	t.Parallel()
	dir := maildir(t, bounceMail("bounces+"+testToken+"@acme.co.jp", "5.1.1"), replyMail, "Subject: hello\n\nnothing of ours\n")
	c, k := intakeChannel(t, map[string]any{"maildir": dir}), newKeeper()
	k.refuse = true
	if err := listen(t, c, k, 2); err == nil || names(t, filepath.Join(dir, "new")) != 3 {
		t.Fatalf("what was not made durable is gone: %v", err)
	}
	k.refuse = false
	for len(k.came) > 0 {
		<-k.came
	}
	if err := listen(t, c, k, 1); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	facts := k.taken()
	if len(facts) != 2 {
		t.Fatalf("%d facts: %+v", len(facts), facts)
	}
	for _, f := range facts {
		switch f.Event {
		case "email_bounced":
			checkFact(t, f, "email_bounced", "hard", testToken, testKey)
			if f.Fields["reason"] != "unknown_user" || f.Email != "tanaka@example.co.jp" {
				t.Errorf("bounce %+v", f)
			}
		default:
			checkFact(t, f, "email_replied", "", testToken, "")
		}
	}
}

func TestIMAPGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	for _, after := range []string{afterKeep, afterSeen, afterDelete} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			user := imapmemserver.NewUser("box", "open sesame")
			if err := user.Create("INBOX", nil); err != nil {
				t.Fatal(err)
			}
			addr := serveIMAP(t, user)
			put := func(mail string) {
				t.Helper()
				mail = strings.ReplaceAll(mail, "\n", "\r\n")
				if _, err := user.Append("INBOX", literal{strings.NewReader(mail), int64(len(mail))}, &imap.AppendOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			c := intakeChannel(t, map[string]any{"imap": map[string]any{
				"host": addr, "user": "box", "password": "open sesame", "tls": "none", "after": after,
			}})
			put(bounceMail("bounces+"+testToken+"@acme.co.jp", "5.2.2"))
			put(replyMail)
			k := newKeeper()
			visit := func(want int) {
				t.Helper()
				if err := c.visitIMAP(t.Context(), newDesk(k)); err != nil {
					t.Fatal(err)
				}
				if got := k.taken(); len(got) != want {
					t.Fatalf("%d facts, want %d: %+v", len(got), want, got)
				}
			}
			visit(2)
			visit(2) // nothing new, by the cursor alone
			put(bounceMail("x@acme.co.jp", "5.1.1"))
			visit(3)
			facts := k.taken()
			checkFact(t, facts[0], "email_bounced", "soft", testToken, testKey)
			checkFact(t, facts[1], "email_replied", "", testToken, "")
			checkFact(t, facts[2], "email_bounced", "hard", "", testKey)
			status, err := user.Status("INBOX", &imap.StatusOptions{NumMessages: true, NumUnseen: true})
			if err != nil {
				t.Fatal(err)
			}
			left, unseen := map[string]uint32{afterKeep: 3, afterSeen: 3}[after], map[string]uint32{afterKeep: 3}[after]
			if after == afterDelete {
				left, unseen = *status.NumMessages, *status.NumUnseen // the server decides when they go
			}
			if *status.NumMessages != left || *status.NumUnseen != unseen {
				t.Errorf("%d mails are left, %d unseen", *status.NumMessages, *status.NumUnseen)
			}
		})
	}
}

// A wrong password is told, and neither it nor the name of the mailbox with it.
func TestIMAPRefusesAWrongPassword(t *testing.T) {
	t.Parallel()
	addr := serveIMAP(t, imapmemserver.NewUser("box", "open sesame"))
	c := intakeChannel(t, map[string]any{"imap": map[string]any{"host": addr, "user": "box@acme.co.jp", "password": "wrong password", "tls": "none"}})
	err := c.visitIMAP(t.Context(), newDesk(newKeeper()))
	if err == nil || strings.Contains(err.Error(), "wrong password") || strings.Contains(err.Error(), "box@") {
		t.Errorf("error %v", err)
	}
}

type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

func serveIMAP(t *testing.T, user *imapmemserver.User) string {
	t.Helper()
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var around sync.WaitGroup
	around.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); around.Wait() })
	return l.Addr().String()
}

const postSecret = "0123456789abcdef0123"

func TestPostedMails(t *testing.T) {
	t.Parallel()
	c := intakeChannel(t, map[string]any{"intake_secret": postSecret})
	raw := bounceMail("bounces+"+testToken+"@acme.co.jp", "5.1.1")
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	_ = parts.WriteField("email", raw)
	_ = parts.Close()
	notice := `{"notificationType":"Bounce","mail":{"source":"b+` + testToken + `@acme.co.jp","headers":[{"name":"Message-ID","value":"<` + testKey +
		`@acme.co.jp>"}]},"bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"tanaka@example.co.jp"}]}}`
	for _, test := range []struct{ name, kind, body string }{
		{"raw", "message/rfc822", raw},
		{"urlencoded", "application/x-www-form-urlencoded", url.Values{"body-mime": {raw}}.Encode()},
		{"form", parts.FormDataContentType(), form.String()},
		{"notice", "text/plain; charset=UTF-8", notice},
	} {
		reply := post(t, c, "Bearer "+postSecret, test.kind, test.body)
		if reply.Status != http.StatusOK || len(reply.Facts) != 1 {
			t.Errorf("%s: %d %s with %d facts", test.name, reply.Status, reply.Body, len(reply.Facts))
			continue
		}
		checkFact(t, reply.Facts[0], "email_bounced", "hard", testToken, testKey)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("any:"+postSecret))
	if r := post(t, c, basic, "message/rfc822", raw); r.Status != http.StatusOK {
		t.Errorf("with a password: %d", r.Status)
	}
	for _, wrong := range []string{"", "Bearer x", "Bearer " + postSecret + "x"} {
		if r := post(t, c, wrong, "message/rfc822", raw); r.Status != http.StatusUnauthorized || len(r.Facts) > 0 {
			t.Errorf("with %q: %d", wrong, r.Status)
		}
	}
	if r := post(t, c, "Bearer "+postSecret, "message/rfc822", " \n"); r.Status != http.StatusBadRequest {
		t.Errorf("without a mail: %d", r.Status)
	}
	if r := post(t, intakeChannel(t, nil), "Bearer ", "message/rfc822", raw); r.Status != http.StatusNotFound {
		t.Errorf("without a secret in the settings: %d", r.Status)
	}
}

func post(t *testing.T, c *Channel, authorization, kind, body string) channel.HTTPReply {
	t.Helper()
	reply, err := c.Receive(t.Context(), channel.HTTPRequest{
		Method: http.MethodPost, Body: []byte(body), Header: http.Header{"Authorization": {authorization}, "Content-Type": {kind}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestOnlyOurIdsAreKeys(t *testing.T) {
	t.Parallel()
	c := intakeChannel(t, nil)
	for id, want := range map[string]string{
		testKey + "@acme.co.jp": testKey, strings.ToUpper(testKey) + "@ACME.co.jp": testKey,
		testKey + "@other.example": "", "x" + testKey + "@acme.co.jp": "", "1234@acme.co.jp": "", testKey: "",
	} {
		if got := c.settings.keyIn(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	for address, want := range map[string]string{
		"b+" + testToken + "@x.example": testToken, "B+" + strings.ToUpper(testToken) + "@x.example": testToken,
		"b-" + testToken + "@x": testToken, testToken + "@x.example": "", "bx" + testToken + "@x": "", "b+" + testToken[1:] + "@x": "", "": "",
	} {
		if got := tokenIn(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
