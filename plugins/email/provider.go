package email

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// A service that sends mail for others tells over HTTP what became of each one. It
// gives back there what a mail told it in a header of its own, and takes that header
// out: so a receipt finds its message by the message's key, though the service writes
// a Message-ID of its own.

// The services.
const (
	providerSES      = "ses"
	providerSendGrid = "sendgrid"
	providerPostmark = "postmark"
	providerNone     = "none"
)

// keyArgument is the name under which the services give the key back: where receipts
// are read it is known by the same.
const keyArgument = "nurture_key"

// provider is the service that the mail server belongs to. The zero value is none.
type provider struct {
	name   string
	stream string // a configuration set of SES, a message stream of Postmark
}

// providerOf is the service that a mail server belongs to.
func providerOf(host string) string {
	host = strings.ToLower(host)
	switch {
	case strings.HasPrefix(host, "email-smtp.") && strings.Contains(host, ".amazonaws.com"):
		return providerSES
	case host == "smtp.sendgrid.net" || strings.HasSuffix(host, ".smtp.sendgrid.net"):
		return providerSendGrid
	case strings.HasPrefix(host, "smtp") && strings.HasSuffix(host, ".postmarkapp.com"):
		return providerPostmark
	}
	return providerNone
}

// readProvider reads which service it is: the one that is named, else the one whose
// server it is.
func (s *settings) readProvider(cfg channel.Config) channel.Diagnostics {
	s.provider = provider{name: cfg.Text("provider"), stream: cfg.Text("stream")}
	if s.provider.name == "" {
		s.provider.name = providerOf(s.host)
	}
	if s.provider.stream == "" {
		return nil
	}
	var ds channel.Diagnostics
	if !slices.Contains([]string{providerSES, providerPostmark}, s.provider.name) {
		ds = append(ds, channel.Wrong("stream",
			channel.Text{En: "Nobody reads the stream", Ja: "stream を読むサービスがありません"},
			channel.Text{
				En: `stream names a configuration set of SES or a message stream of Postmark; say provider = "ses" or "postmark", or leave it out`,
				Ja: `stream は SES の設定セットか Postmark のメッセージストリームの名前です。provider = "ses" か "postmark" と書くか、stream を消してください`,
			}))
	}
	if strings.ContainsFunc(s.provider.stream, func(r rune) bool { return !strings.ContainsRune(nameRunes, r) }) {
		ds = append(ds, channel.Wrong("stream",
			channel.Text{En: "Not a name", Ja: "名前ではありません"},
			channel.Text{En: "stream has letters, digits, - and _ only", Ja: "stream に使えるのは、英数字と - と _ だけです"}))
	}
	return ds
}

const nameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// headers are what the service reads of a mail, each a line.
func (p provider) headers(key string) []string {
	var lines []string
	switch p.name {
	case providerSES:
		lines = append(lines, "X-SES-MESSAGE-TAGS: "+keyArgument+"="+key)
		if p.stream != "" {
			lines = append(lines, "X-SES-CONFIGURATION-SET: "+p.stream)
		}
	case providerSendGrid:
		lines = append(lines, `X-SMTPAPI: {"unique_args":{"`+keyArgument+`":"`+key+`"}}`)
	case providerPostmark:
		lines = append(lines, "X-PM-Metadata-"+keyArgument+": "+key, "X-PM-KeepID: true")
		if p.stream != "" {
			lines = append(lines, "X-PM-Message-Stream: "+p.stream)
		}
	}
	return lines
}

// address puts the service's headers before a mail that is finished, outside of its
// signature: what is taken out again must not be signed.
func (p provider) address(raw []byte, key string) []byte {
	lines := p.headers(key)
	if len(lines) == 0 {
		return raw
	}
	return append([]byte(strings.Join(lines, "\r\n")+"\r\n"), raw...)
}

// rewrites are the headers that the service writes anew, and that a signature of ours
// therefore leaves out.
func (p provider) rewrites(header string) bool {
	return p.name == providerSES && (strings.EqualFold(header, "Message-ID") || strings.EqualFold(header, "Date"))
}
