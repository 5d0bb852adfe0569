package email

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-msgauth/dkim"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/smtptest"
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// noon is when mails are sent in these tests.
var noon = time.Date(2026, 10, 6, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))

// configured is a channel for the server.
func configured(t *testing.T, s *smtptest.Server, more map[string]any) *Channel {
	t.Helper()
	c := New(func() time.Time { return noon })
	values := map[string]any{"host": s.Addr, "from": "佐藤 <sato@acme.co.jp>", "tls": "none", "timeout": "2m"}
	for name, v := range more {
		values[name] = v
	}
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "mail", values)
	if ds.Failed() {
		return ds
	}
	err := c.Configure(context.Background(), cfg)
	var more channel.Diagnostics
	errors.As(err, &more)
	return append(ds, more...)
}

const (
	japaneseText = "田中 様\n\n料金プランの選び方を3行にまとめました。\n.\n..点で始まる行\n"
	japaneseHTML = "<html><body class=\"x\"><p>田中 様</p><p>料金プランの選び方&amp;事例</p></body></html>"
)

func request(parts ...channel.Part) channel.Request {
	r := channel.Request{Key: "00112233445566778899aabbccddeeff", Kind: "email", Attempt: 1, Parts: []channel.Part{
		{Name: "to", Value: "田中 <tanaka@example.co.jp>"},
		{Name: "subject", Value: "【10月号】料金プランの選び方と導入事例のご案内（全部で三つの大事なこと）"},
		{Name: "text", Value: japaneseText},
		{Name: "html", Value: japaneseHTML},
	}}
	r.Parts = append(r.Parts, parts...)
	return r
}

func do(t *testing.T, c *Channel, r channel.Request) channel.Reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	reply, err := c.Do(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func want(t *testing.T, got channel.Reply, outcome channel.Outcome, code string) {
	t.Helper()
	if got.Outcome != outcome || got.Code != code {
		t.Fatalf("reply %v %q (%s), want %v %q", got.Outcome, got.Code, got.Detail, outcome, code)
	}
	if strings.Contains(got.Detail, "tanaka") {
		t.Errorf("detail names somebody: %s", got.Detail)
	}
}

// decode reads a mail: header and bodies by content type.
func decode(t *testing.T, raw []byte) (mail.Header, map[string]string) {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return r.Header, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		inline, ok := p.Header.(*mail.InlineHeader)
		if !ok {
			t.Fatalf("unexpected part %v", p.Header)
		}
		contentType, params, _ := inline.ContentType()
		if !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("charset %q", params["charset"])
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		bodies[contentType] = string(body)
	}
}

func TestMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, map[string]any{"reply_to": "support@acme.co.jp"})
	r := request(
		channel.Part{Name: "unsubscribe_url", Value: "https://t.acme.co.jp/u/abc"},
	)
	got := do(t, c, r)
	want(t, got, channel.Done, "")
	if got.Provider != r.Key+"@acme.co.jp" {
		t.Errorf("provider %q", got.Provider)
	}
	m := <-s.Came
	if m.From != "sato@acme.co.jp" || m.To != "tanaka@example.co.jp" {
		t.Errorf("envelope %s → %s", m.From, m.To)
	}
	h, bodies := decode(t, m.Raw)
	checkHeader(t, h, r)
	if text := strings.ReplaceAll(bodies["text/plain"], "\r\n", "\n"); text != japaneseText {
		t.Errorf("text %q", text)
	}
	if wanted := japaneseHTML; bodies["text/html"] != wanted {
		t.Errorf("html %q", bodies["text/html"])
	}
	for _, line := range bytes.Split(m.Raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("bad line %.100q", line)
		}
	}
}

func checkHeader(t *testing.T, h mail.Header, r channel.Request) {
	t.Helper()
	if subject, err := h.Subject(); err != nil || subject != r.Text("subject") {
		t.Errorf("subject %q (%v)", subject, err)
	}
	for name, text := range map[string]string{
		"From": "佐藤 sato@acme.co.jp", "To": "田中 tanaka@example.co.jp", "Reply-To": " support@acme.co.jp",
	} {
		list, err := h.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Name+" "+list[0].Address != text {
			t.Errorf("%s: %v (%v), want %s", name, list, err, text)
		}
	}
	if date, err := h.Date(); err != nil || !date.Equal(noon) {
		t.Errorf("date %v (%v)", date, err)
	}
	if id, err := h.MessageID(); err != nil || id != r.Key+"@acme.co.jp" {
		t.Errorf("message id %q (%v)", id, err)
	}
	if got := h.Get("List-Unsubscribe"); got != "<https://t.acme.co.jp/u/abc>" {
		t.Errorf("List-Unsubscribe %q", got)
	}
	if got := h.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post %q", got)
	}
}

// A retry under the same key is the same mail.
func TestSameKeySameMail(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, nil)
	do(t, c, request())
	do(t, c, request())
	if first, second := <-s.Came, <-s.Came; !bytes.Equal(first.Raw, second.Raw) {
		t.Errorf("first\n%s\nsecond\n%s", first.Raw, second.Raw)
	}
}

func TestOnePartAndWesternText(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, nil)
	r := channel.Request{Key: "k/../1", Parts: []channel.Part{
		{Name: "to", Value: "a@日本語.jp"}, {Name: "subject", Value: "Prices"}, {Name: "text", Value: "Our prices\nare fair = good\n"},
	}}
	want(t, do(t, c, r), channel.Done, "")
	m := <-s.Came
	if m.To != "a@xn--wgv71a119e.jp" {
		t.Errorf("to %s", m.To)
	}
	if !bytes.Contains(m.Raw, []byte("are fair =3D good")) {
		t.Errorf("not quoted-printable:\n%s", m.Raw)
	}
	h, bodies := decode(t, m.Raw)
	if bodies["text/plain"] != "Our prices\r\nare fair = good\r\n" || len(bodies) != 1 {
		t.Errorf("bodies %q", bodies)
	}
	if id, err := h.MessageID(); err != nil || strings.ContainsAny(id, "/ ") {
		t.Errorf("message id %q (%v)", id, err)
	}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaPublic, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key any
		txt string
	}{
		"rsa":     {rsaKey, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPublic)},
		"ed25519": {edKey, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPublic)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			der, err := x509.MarshalPKCS8PrivateKey(c.key)
			if err != nil {
				t.Fatal(err)
			}
			s := smtptest.Start(t, smtptest.Options{})
			ch := configured(t, s, map[string]any{"dkim": map[string]any{
				"domain": "acme.co.jp", "selector": "s1", "key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
			}})
			signedAtTheSameTime(t, ch)
			for range 20 {
				verify(t, (<-s.Came).Raw, c.txt)
			}
		})
	}
}

func signedAtTheSameTime(t *testing.T, c *Channel) {
	t.Helper()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, err := c.Do(t.Context(), request(channel.Part{Name: "unsubscribe_url", Value: "https://t.acme.co.jp/u/abc"}))
			if err != nil || got.Outcome != channel.Done {
				t.Errorf("%+v %v", got, err)
			}
		})
	}
	wg.Wait()
}

func verify(t *testing.T, raw []byte, txt string) {
	t.Helper()
	checks, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if name != "s1._domainkey.acme.co.jp" {
				t.Errorf("key asked for at %s", name)
			}
			return []string{txt}, nil
		},
	})
	if err != nil || len(checks) != 1 || checks[0].Err != nil {
		t.Fatalf("signature: %+v (%v)\n%s", checks[0], err, raw)
	}
	signed := strings.ToLower(strings.Join(checks[0].HeaderKeys, " "))
	for _, name := range []string{"from", "to", "subject", "date", "list-unsubscribe", "list-unsubscribe-post"} {
		if !strings.Contains(" "+signed+" ", " "+name+" ") {
			t.Errorf("%s is not signed: %s", name, signed)
		}
	}
	forged := bytes.Replace(raw, []byte("Subject:"), []byte("Subject: x"), 1)
	checks, err = dkim.VerifyWithOptions(bytes.NewReader(forged), &dkim.VerifyOptions{
		LookupTXT: func(string) ([]string, error) { return []string{txt}, nil },
	})
	if err != nil || checks[0].Err == nil {
		t.Errorf("a forged mail verifies (%v)", err)
	}
}

func TestRefusedBeforeTheServerHears(t *testing.T) {
	t.Parallel()
	s := smtptest.Start(t, smtptest.Options{})
	c := configured(t, s, nil)
	for _, x := range []struct{ part, value, code string }{
		{"to", "", "bad_address"},
		{"to", "tanaka", "bad_address"},
		{"to", "a@example.jp, b@example.jp", "bad_address"},
		{"to", "a@example.jp\r\nBcc: b@example.jp", "bad_address"},
		{"to", "田中@example.jp", "bad_address"},
		{"to", "<a@example.jp> RET=FULL", "bad_address"},
		{"subject", "", "no_subject"},
		{"subject", "x\r\nBcc: b@example.jp", "bad_header"},
		{"subject", "x\x00y", "bad_header"},
		{"reply_to", "b@example.jp\nX: y", "bad_header"},
		{"reply_to", "nobody", "bad_address"},
		{"unsubscribe_url", "https://x/\r\nX: y", "bad_header"},
		{"unsubscribe_url", "javascript:alert(1)", "bad_header"},
	} {
		want(t, do(t, c, request(channel.Part{Name: x.part, Value: x.value})), channel.Refused, x.code)
	}
	empty := channel.Request{Key: "k", Parts: []channel.Part{{Name: "to", Value: "a@b.jp"}, {Name: "subject", Value: "x"}}}
	want(t, do(t, c, empty), channel.Refused, "no_content")
	if n := s.Count("conn"); n != 0 {
		t.Errorf("%d connections", n)
	}
}
