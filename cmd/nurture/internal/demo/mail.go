package demo

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // every charset that mail uses
	"github.com/emersion/go-message/mail"
)

// Mail is a mail that came in, taken apart, or a message of another channel.
type Mail struct {
	Number  int       // of the mailbox, from 1
	Key     string    // Message-ID up to its @: the key of the action that sent it
	At      time.Time // when it came in, on the mailbox's clock
	From    string    // as a person reads it
	Sender  string    // of the envelope
	To      []string  // of the envelope
	Subject string
	Text    string // the plain part, "" when there is none
	HTML    string // the HTML part, "" when there is none
	Header  []Line
	Channel string // of another kind than mail that it would have gone through, "" for a mail
	Kind    string // of the step, for such a one
	Size    int
	Broken  string // why it could not be taken apart, "" when it could
}

// Line is a line of a mail's header, decoded.
type Line struct{ Name, Value string }

// maxPart bounds the bytes that are kept of one part.
const maxPart = 1 << 20

// parseMail takes a mail apart as far as it can be. What cannot be read is told
// by Broken; the mail is kept all the same.
func parseMail(raw []byte) *Mail {
	m := &Mail{Size: len(raw)}
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		m.Broken = fmt.Sprintf("read the mail: %v", err)
		return m
	}
	defer r.Close()
	m.readHeader(&r.Header)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return m
		}
		if err != nil && !message.IsUnknownCharset(err) {
			m.Broken = fmt.Sprintf("read a part: %v", err)
			return m
		}
		m.readPart(part)
	}
}

func (m *Mail) readHeader(h *mail.Header) {
	m.Subject, _ = h.Subject() // an undecodable one is shown as it is
	if from, err := h.AddressList("From"); err == nil && len(from) > 0 {
		m.From = from[0].Address
		if from[0].Name != "" {
			m.From = from[0].Name + " <" + from[0].Address + ">"
		}
	}
	if id, err := h.MessageID(); err == nil {
		m.Key, _, _ = strings.Cut(id, "@")
	}
	words := mime.WordDecoder{CharsetReader: message.CharsetReader}
	for fields := h.Fields(); fields.Next(); {
		value, err := words.DecodeHeader(fields.Value())
		if err != nil {
			value = fields.Value()
		}
		m.Header = append(m.Header, Line{fields.Key(), value})
	}
}

func (m *Mail) readPart(part *mail.Part) {
	inline, ok := part.Header.(*mail.InlineHeader)
	if !ok {
		return // attachments are not shown
	}
	content, err := io.ReadAll(io.LimitReader(part.Body, maxPart))
	if err != nil {
		m.Broken = fmt.Sprintf("read a part: %v", err)
	}
	kind, _, _ := inline.ContentType()
	switch {
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(content)
	case kind == "text/plain" && m.Text == "":
		m.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
}

var href = regexp.MustCompile(`(?i)<a\s[^>]*href\s*=\s*["'](https?://[^"']+)["']`)

// Links are the addresses that the HTML part leads to, each once, in order.
func (m *Mail) Links() []string {
	var links []string
	for _, found := range href.FindAllStringSubmatch(m.HTML, -1) {
		if link := html.UnescapeString(found[1]); !slices.Contains(links, link) {
			links = append(links, link)
		}
	}
	return links
}

// bestLink is the link that a reader follows: the first one, which is the button
// as a rule, but never a way out.
func (m *Mail) bestLink() string {
	for _, link := range m.Links() {
		if link != m.wayOut() && !strings.Contains(strings.ToLower(link), "unsubscribe") {
			return link
		}
	}
	return ""
}

// wayOut is where the mail's header says that one unsubscribes, "" for nowhere.
func (m *Mail) wayOut() string {
	for _, line := range m.Header {
		if strings.EqualFold(line.Name, "List-Unsubscribe") {
			return strings.Trim(strings.Join(strings.Fields(line.Value), ""), "<>") // it may be folded
		}
	}
	return ""
}

// Preview is the beginning of the text as a list shows it.
func (m *Mail) Preview() string {
	words := strings.Fields(m.Text)
	var b strings.Builder
	for _, w := range words {
		if b.Len() > 240 {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}
