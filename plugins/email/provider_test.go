package email

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/smtptest"
)

// A service is told a mail's key in the header of its own by which it gives the key
// back, and where it has one, the stream.
func TestProviderIsToldTheKey(t *testing.T) {
	t.Parallel()
	key := request().Key
	for name, c := range map[string]struct {
		more map[string]any
		want map[string]string
	}{
		"ses":              {map[string]any{"provider": "ses"}, map[string]string{"X-SES-MESSAGE-TAGS": "nurture_key=" + key, "X-SES-CONFIGURATION-SET": ""}},
		"ses with a set":   {map[string]any{"provider": "ses", "stream": "mail-events"}, map[string]string{"X-SES-CONFIGURATION-SET": "mail-events"}},
		"sendgrid":         {map[string]any{"provider": "sendgrid"}, map[string]string{"X-SMTPAPI": fmt.Sprintf(`{"unique_args":{"nurture_key":%q}}`, key)}},
		"postmark":         {map[string]any{"provider": "postmark"}, map[string]string{"X-PM-Metadata-nurture_key": key, "X-PM-KeepID": "true", "X-PM-Message-Stream": ""}},
		"postmark's lists": {map[string]any{"provider": "postmark", "stream": "broadcast"}, map[string]string{"X-PM-Message-Stream": "broadcast"}},
		"a server of one's own": {nil, map[string]string{
			"X-SES-MESSAGE-TAGS": "", "X-SMTPAPI": "", "X-PM-Metadata-nurture_key": "", "X-PM-KeepID": "",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smtptest.Start(t, smtptest.Options{})
			want(t, do(t, configured(t, s, c.more), request()), channel.Done, "")
			raw := (<-s.Came).Raw
			h, _ := decode(t, raw)
			for header, text := range c.want {
				if got := h.Get(header); got != text {
					t.Errorf("%s: %q, want %q", header, got, text)
				}
			}
			if id, err := h.MessageID(); err != nil || id != key+"@acme.co.jp" {
				t.Errorf("message id %q (%v)", id, err)
			}
			if api := h.Get("X-SMTPAPI"); api != "" && !json.Valid([]byte(api)) {
				t.Errorf("X-SMTPAPI is no JSON: %s", api)
			}
		})
	}
}

// What the service takes out, and what it writes anew, does not break a signature.
func TestProviderLeavesTheSignatureWhole(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(bytes.NewReader(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	txt := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	for _, name := range []string{"ses", "sendgrid", "postmark"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := smtptest.Start(t, smtptest.Options{})
			c := configured(t, s, map[string]any{"provider": name, "dkim": map[string]any{
				"domain": "acme.co.jp", "selector": "s1", "key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
			}})
			want(t, do(t, c, request()), channel.Done, "")
			var sent bytes.Buffer
			head := true
			for line := range bytes.Lines((<-s.Came).Raw) {
				head = head && len(bytes.TrimSpace(line)) > 0
				switch upper := strings.ToUpper(string(line)); {
				case head && (strings.HasPrefix(upper, "X-SES-") || strings.HasPrefix(upper, "X-SMTPAPI:") || strings.HasPrefix(upper, "X-PM-")):
				case head && name == "ses" && strings.HasPrefix(upper, "MESSAGE-ID:"):
					sent.WriteString("Message-ID: <0100018f-another@email.amazonses.com>\r\n")
				default:
					sent.Write(line)
				}
			}
			checks, err := dkim.VerifyWithOptions(&sent, &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{txt}, nil }})
			if err != nil || len(checks) != 1 || checks[0].Err != nil {
				t.Errorf("as it reaches the lead it is signed: %+v (%v)", checks, err)
			}
		})
	}
}

// A service is known by its own servers, and by nothing that only looks alike.
func TestProviderByServer(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"email-smtp.ap-northeast-1.amazonaws.com": "ses", "email-smtp.cn-north-1.amazonaws.com.cn": "ses",
		"smtp.sendgrid.net": "sendgrid", "SMTP.postmarkapp.com": "postmark", "smtp-broadcasts.postmarkapp.com": "postmark",
		"ec2-1-2-3-4.compute-1.amazonaws.com": "none", "smtp.example.com": "none", "smtp.sendgrid.net.example.com": "none", "127.0.0.1": "none",
	} {
		if got := providerOf(host); got != want {
			t.Errorf("%s is %s, want %s", host, got, want)
		}
	}
}

func TestProviderStreams(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		more map[string]any
		ok   bool
	}{
		"nobody's":    {map[string]any{"stream": "a"}, false},
		"SendGrid's":  {map[string]any{"provider": "sendgrid", "stream": "a"}, false},
		"two headers": {map[string]any{"provider": "postmark", "stream": "a\r\nBcc: x@example.com"}, false},
		"SES's":       {map[string]any{"provider": "ses", "stream": "mail_events-2"}, true},
		"by server":   {map[string]any{"host": "smtp.postmarkapp.com:587", "stream": "outbound"}, true},
		"unknown":     {map[string]any{"provider": "mailgun"}, false},
	} {
		values := map[string]any{"host": "smtp.example.com:587", "from": "sato@acme.co.jp"}
		for k, v := range c.more {
			values[k] = v
		}
		if ds := configure(New(nil), values); ds.Failed() == c.ok {
			t.Errorf("%s: %v", name, ds)
		}
	}
}
