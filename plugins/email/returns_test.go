package email

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/smtptest"
)

func TestTokenStandsInReturnPathAndReplyAddress(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, map[string]any{"bounces": "bounces@acme.co.jp", "replies": "reply@acme.co.jp", "reply_to": "support@acme.co.jp"})
	do(t, c, request(channel.Part{Name: "token", Value: testToken}))
	do(t, c, request(channel.Part{Name: "token", Value: testToken}, channel.Part{Name: "reply_to", Value: "tomita@acme.co.jp"}))
	do(t, c, request())
	do(t, c, request(channel.Part{Name: "token", Value: "no token\r\nBcc: x@example.com"}))
	for i, want := range []struct{ from, reply string }{
		{"bounces+" + testToken + "@acme.co.jp", "reply+" + testToken + "@acme.co.jp"},
		{"bounces+" + testToken + "@acme.co.jp", "tomita@acme.co.jp"}, // what the step says stands
		{"bounces@acme.co.jp", "reply@acme.co.jp"},
		{"bounces@acme.co.jp", "reply@acme.co.jp"},
	} {
		m := <-s.Came
		h, _ := decode(t, m.Raw)
		reply, err := h.AddressList("Reply-To")
		if err != nil || len(reply) != 1 || reply[0].Address != want.reply || m.From != want.from {
			t.Errorf("mail %d: from %s, reply to %v (%v); want %v", i, m.From, reply, err, want)
		}
		if from, _ := h.AddressList("From"); from[0].Address != "sato@acme.co.jp" {
			t.Errorf("the sender that people see is %v", from)
		}
	}
}

func TestReturnAddressMustBeShort(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{"bounces@acme.co.jp": true, "returned.mails@acme.co.jp": false, "no address": false} {
		ds := configure(New(nil), map[string]any{"host": "127.0.0.1:25", "from": "a@acme.co.jp", "tls": "none", "bounces": address})
		if ds.Failed() == good {
			t.Errorf("%s: %v", address, ds)
		}
	}
}

func TestMailsCarryTheirPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pixels := bytes.Repeat([]byte("\x89PNG\r\n\x1a\n"), 500)
	for _, name := range []string{"logo.png", "unused.png", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), pixels, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, map[string]any{"images": dir})
	page := channel.Part{Name: "html", Value: `<p>田中様</p><img src="cid:logo.png"><img src="cid:logo.png">`}
	want(t, do(t, c, request(page)), channel.Done, "")
	want(t, do(t, c, request(page)), channel.Done, "")
	want(t, do(t, c, request(channel.Part{Name: "html", Value: `<img src="cid:none.png">`})), channel.Refused, "no_image")
	first, second := <-s.Came, <-s.Came
	if !bytes.Equal(first.Raw, second.Raw) {
		t.Error("a retry is another mail")
	}
	found := leafKinds(t, first.Raw, func(h map[string][]string, body []byte) {
		if h["Content-Id"] != nil && (h["Content-Id"][0] != "<logo.png>" || len(body) < len(pixels)) {
			t.Errorf("picture %v with %d bytes", h, len(body))
		}
	})
	if found != "text/plain text/html image/png" {
		t.Errorf("the mail has %s", found)
	}
}

// leafKinds are the kinds of a mail's parts in their order.
func leafKinds(t *testing.T, raw []byte, visit func(map[string][]string, []byte)) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	var walk func(kind string, params map[string]string, body io.Reader)
	walk = func(kind string, params map[string]string, body io.Reader) {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(kind, "multipart/") {
				walk(kind, params, p)
				continue
			}
			body, err := io.ReadAll(p)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, kind)
			visit(p.Header, body)
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		t.Fatalf("%q %v", kind, err)
	}
	walk(kind, params, m.Body)
	return strings.Join(kinds, " ")
}
