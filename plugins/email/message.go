package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The parts of a request that make a mail.
const (
	partTo          = "to"
	partSubject     = "subject"
	partText        = "text"
	partHTML        = "html"
	partReplyTo     = "reply_to"
	partUnsubscribe = "unsubscribe_url"
	partToken       = "token"
)

// message is a mail ready to go: envelope and bytes.
type message struct {
	id   string // Message-ID without its brackets
	from string
	to   string
	raw  []byte
}

// compose makes the mail, or says why these parts never make one. The same
// request gives the same mail but for its date.
func (c *Channel) compose(r channel.Request) (*message, *channel.Reply) {
	to, err := parseAddress(r.Text(partTo))
	if err != nil {
		return nil, refuse("bad_address", "part to: "+err.Error())
	}
	if code, detail := c.lacking(r); code != "" {
		return nil, refuse(code, detail)
	}
	replyTo := c.settings.replyTo
	if text := r.Text(partReplyTo); text != "" {
		if replyTo, err = parseAddress(text); err != nil {
			return nil, refuse("bad_address", "part reply_to: "+err.Error())
		}
	}
	sealed := r.Text(partToken)
	if replyTo == nil || r.Text(partReplyTo) == "" {
		replyTo = c.settings.replies.withToken(sealed, replyTo)
	}
	m := &message{
		id: token(r.Key) + "@" + domainOf(c.settings.from.Address), to: to.Address,
		from: c.settings.bounces.withToken(sealed, c.settings.from).Address,
	}
	msg := c.mail(r, m, to, replyTo)
	shown, refused := c.settings.pictures.shownIn(r.Text(partHTML))
	if refused != nil {
		return nil, refused
	}
	embed(msg, shown)
	if refused = unsubscribe(msg, r.Text(partUnsubscribe)); refused != nil {
		return nil, refused
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return nil, refuse("bad_message", "the mail could not be written: "+err.Error())
	}
	if m.raw, err = c.settings.dkim.sign(steady(raw.Bytes(), token(r.Key)), c.settings.provider); err != nil {
		return nil, refuse("bad_message", "the mail could not be signed: "+err.Error())
	}
	m.raw = c.settings.provider.address(m.raw, token(r.Key))
	return m, nil
}

func refuse(code, detail string) *channel.Reply {
	r := channel.Refuse(code, detail)
	return &r
}

// token is the key in a form that may stand in any header: itself, as a rule.
func token(key string) string {
	if key != "" && len(key) <= 60 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// lacking says what is missing or dangerous in the parts, "" when nothing is. A
// line break in a header is how others' headers are smuggled in.
func (c *Channel) lacking(r channel.Request) (code, detail string) {
	switch {
	case strings.TrimSpace(r.Text(partSubject)) == "":
		return "no_subject", "the mail has no subject"
	case r.Text(partText) == "" && r.Text(partHTML) == "":
		return "no_content", "the mail has neither text nor html"
	}
	for _, part := range []string{partSubject, partReplyTo, partUnsubscribe} {
		if strings.ContainsFunc(r.Text(part), isControl) {
			return "bad_header", "part " + part + " holds a line break or another control character"
		}
	}
	return "", ""
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError }

func (c *Channel) mail(r channel.Request, m *message, to, replyTo *mail.Address) *gomail.Msg {
	text, htmlBody := r.Text(partText), r.Text(partHTML)
	encoding := encodingFor(text + htmlBody)
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(encoding))
	msg.FromMailAddress(c.settings.from)
	msg.ToMailAddress(to)
	if replyTo != nil {
		msg.ReplyToMailAddress(replyTo)
	}
	msg.Subject(r.Text(partSubject))
	msg.SetMessageIDWithValue(m.id)
	msg.SetDateWithValue(c.now())
	switch {
	case text == "":
		msg.SetBodyString(gomail.TypeTextHTML, crlf(htmlBody))
	case htmlBody == "":
		msg.SetBodyString(gomail.TypeTextPlain, crlf(text))
	default:
		msg.SetBodyString(gomail.TypeTextPlain, crlf(text))
		msg.AddAlternativeString(gomail.TypeTextHTML, crlf(htmlBody))
	}
	return msg
}

// encodingFor chooses what is shorter: quoted-printable for western texts, which
// it leaves readable, base64 for Japanese.
func encodingFor(body string) gomail.Encoding {
	other := 0
	for i := range len(body) {
		if body[i] >= utf8.RuneSelf {
			other++
		}
	}
	if other > len(body)/6 {
		return gomail.EncodingB64
	}
	return gomail.EncodingQP
}

// crlf gives every line the end that mail wants.
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// unsubscribe adds the headers with which mail programs show a way out. The one
// click form (RFC 8058) wants https.
func unsubscribe(msg *gomail.Msg, link string) *channel.Reply {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return refuse("bad_header", "part unsubscribe_url is not an http address")
	}
	if u.Scheme == "http" {
		msg.SetListUnsubscribe(link)
		return nil
	}
	if err := msg.SetListUnsubscribeOneClick(link); err != nil {
		return refuse("bad_header", "part unsubscribe_url: "+err.Error())
	}
	return nil
}

func asciiDomain(domain string) (string, error) {
	if isASCII(domain) {
		return strings.ToLower(domain), nil
	}
	return idna.Lookup.ToASCII(domain)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
