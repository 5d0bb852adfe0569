package tracking

import (
	"html"
	"strings"
	"unicode/utf8"
)

// Where the addresses of each kind begin, behind the base.
var paths = map[Kind]string{Click: "/t/c/", Trap: "/t/c/", Open: "/t/o/", Unsubscribe: "/t/u/", Answer: "/t/a/", Confirm: "/t/y/", Preferences: "/t/p/"}

// pixelEnd stands behind the token of a pixel, for programs that go by names.
const pixelEnd = ".gif"

// Links makes the addresses of one server.
type Links struct {
	Keys *Keys
	Base string // "https://news.example.co.jp", without a slash at its end
}

// Address is where a token is asked for.
func (l Links) Address(t Token) (string, error) {
	sealed, err := l.Keys.Seal(t)
	if err != nil {
		return "", err
	}
	address := l.Base + paths[t.Kind] + sealed
	if t.Kind == Open {
		address += pixelEnd
	}
	return address, nil
}

// Mail is a mail as it was rendered.
type Mail struct {
	HTML string
	Text string
}

// Extras are what is added to a mail besides its links.
type Extras struct {
	Hidden bool   // the pixel and the trap, in the HTML
	WayOut string // address under which to unsubscribe; it is added where it does not stand. "": none
	Words  string // of the way out, "Stop these mails"
}

// Finish leads the links of a mail through us and adds what it lacks. about says
// which message it is; its Kind, Class and URL are not read. Links that lead to us
// already stay, and so does what is no web address.
func (l Links) Finish(about Token, mail Mail, extras Extras) Mail {
	m := mailer{Links: l, about: about, classes: map[string]string{}}
	mail.HTML = m.page(mail.HTML)
	mail.Text = m.plain(mail.Text)
	if extras.WayOut != "" {
		mail = withWayOut(mail, extras)
	}
	if extras.Hidden {
		mail.HTML = m.withHidden(mail.HTML)
	}
	return mail
}

// withWayOut puts the way out below a mail whose author has not.
func withWayOut(mail Mail, e Extras) Mail {
	if mail.HTML != "" && !strings.Contains(mail.HTML, e.WayOut) {
		mail.HTML = beforeEnd(mail.HTML, `<p style="margin:24px 8px;font-size:12px;text-align:center"><a href="`+e.WayOut+
			`" target="_blank" style="color:#57606a;text-decoration:underline">`+html.EscapeString(e.Words)+"</a></p>\n")
	}
	if mail.Text != "" && !strings.Contains(mail.Text, e.WayOut) {
		mail.Text = strings.TrimRight(mail.Text, "\n") + "\n\n--\n" + e.Words + "\n" + e.WayOut + "\n"
	}
	return mail
}

// beforeEnd puts HTML before the end of a page's body.
func beforeEnd(page, more string) string {
	at := strings.LastIndex(asciiLower(page), "</body")
	if at < 0 {
		at = len(page)
	}
	return page[:at] + more + page[at:]
}

// mailer rewrites one mail.
type mailer struct {
	Links
	about   Token
	classes map[string]string // by target: those of the HTML's links
	first   string            // target that is met first
}

// tracked is a link's new address, "" where it stays as it is.
func (m *mailer) tracked(kind Kind, target, class string) string {
	if !Trackable(target) || strings.HasPrefix(target, m.Base+"/t/") {
		return ""
	}
	t := m.about
	t.Kind, t.URL, t.Class = kind, target, class
	address, err := m.Address(t)
	if err != nil {
		return "" // a name that is too long: better a link without us than none
	}
	return address
}

// page rewrites the links of HTML. Everything else stays byte for byte.
func (m *mailer) page(page string) string {
	var b strings.Builder
	b.Grow(len(page) + len(page)/2)
	for page != "" {
		at := strings.IndexByte(page, '<')
		if at < 0 {
			break
		}
		b.WriteString(page[:at])
		tag := tagAt(page[at:])
		page = page[at+len(tag):]
		switch name := tagName(tag); name {
		case "a", "area":
			b.WriteString(m.anchor(tag))
		case "style", "script", "title", "textarea":
			b.WriteString(tag)
			inside := untilEnd(page, name)
			b.WriteString(inside)
			page = page[len(inside):]
		default:
			b.WriteString(tag)
		}
	}
	b.WriteString(page)
	return b.String()
}

// anchor is the tag of a link with its new address.
func (m *mailer) anchor(tag string) string {
	href, class := attribute(tag, "href"), attribute(tag, "class")
	if href.to == 0 {
		return tag
	}
	target := strings.TrimSpace(html.UnescapeString(tag[href.from:href.to]))
	counted := classOf(html.UnescapeString(tag[class.from:class.to]))
	address := m.tracked(Click, target, counted)
	if address == "" {
		return tag
	}
	if _, known := m.classes[target]; !known {
		m.classes[target] = counted
	}
	if m.first == "" {
		m.first = target
	}
	if !href.quoted {
		address = `"` + address + `"`
	}
	return tag[:href.from] + address + tag[href.to:]
}

// classOf is the class under which a link's clicks are counted: the first that is
// not about its looks.
func classOf(classes string) string {
	for _, class := range strings.Fields(classes) {
		if class != "button" {
			return class
		}
	}
	return ""
}

// plain rewrites the addresses of a plain text. One that is a link of the HTML too
// has its class.
func (m *mailer) plain(text string) string {
	var b strings.Builder
	for {
		at := strings.Index(text, "http")
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		text = text[at:]
		written := m.written(text)
		address := m.tracked(Click, written, m.classes[written])
		if address == "" {
			written = text[:max(len(written), len("http"))]
			address = written
		}
		b.WriteString(address)
		text = text[len(written):]
	}
	b.WriteString(text)
	return b.String()
}

// afterAddress is what a sentence puts behind an address.
const afterAddress = ".,;:!?)]"

// written is the address that a text begins with, "" for none. Where one ends that
// is no link of the HTML is guessed as mail programs do; right before a letter of
// another script nobody can tell, and it stays as it is.
func (m *mailer) written(text string) string {
	near := text[:min(len(text), MaxURL+1)]
	end := strings.IndexFunc(near, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"'`{}|\\^", r)
	})
	if end < 0 && len(near) < len(text) {
		return ""
	}
	if end < 0 {
		end = len(text)
	}
	known := ""
	for target := range m.classes {
		rest, begins := strings.CutPrefix(text[:end], target)
		if begins && len(target) > len(known) && strings.TrimLeft(rest, afterAddress) == "" {
			known = target
		}
	}
	if known != "" {
		return known
	}
	if end < len(text) && text[end] >= utf8.RuneSelf {
		return ""
	}
	return strings.TrimRight(text[:end], afterAddress)
}

// withHidden puts the pixel and the trap before the end of the page.
func (m *mailer) withHidden(page string) string {
	if page == "" {
		return page
	}
	var hidden strings.Builder
	if trap := m.tracked(Trap, m.first, ""); trap != "" {
		hidden.WriteString(`<div style="display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all" aria-hidden="true"><a href="` +
			trap + `" rel="nofollow" tabindex="-1" style="display:none">&#160;</a></div>` + "\n")
	}
	open := m.about
	open.Kind, open.Class, open.URL = Open, "", ""
	if pixel, err := m.Address(open); err == nil {
		hidden.WriteString(`<img src="` + pixel + `" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">` + "\n")
	}
	return beforeEnd(page, hidden.String())
}

// asciiLower keeps every byte in its place, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// tagAt is the tag, or the comment, that the page begins with. A < that begins none
// is itself.
func tagAt(page string) string {
	if strings.HasPrefix(page, "<!--") {
		if end := strings.Index(page[4:], "-->"); end >= 0 {
			return page[:4+end+3]
		}
		return page
	}
	if len(page) < 2 || page[1] != '/' && page[1] != '!' && !isLetter(page[1]) {
		return page[:1]
	}
	quote := byte(0)
	for i := 1; i < len(page); i++ {
		switch c := page[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
		case (c == '"' || c == '\'') && strings.HasSuffix(strings.TrimRight(page[:i], " \t\r\n"), "="):
			quote = c
		case c == '>':
			return page[:i+1]
		}
	}
	return page
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// tagName is the name of an opening tag in lower case, "" for everything else.
func tagName(tag string) string {
	end := 1
	for end < len(tag) && (isLetter(tag[end]) || tag[end] >= '0' && tag[end] <= '9') {
		end++
	}
	if end == 1 || end < len(tag) && !strings.ContainsRune(" \t\r\n/>", rune(tag[end])) {
		return ""
	}
	return asciiLower(tag[1:end])
}

// untilEnd is what stands inside an element whose content is no HTML.
func untilEnd(page, name string) string {
	for from := 0; ; {
		n := strings.Index(page[from:], "</")
		if n < 0 {
			return page
		}
		from += n + len("</")
		if len(page)-from >= len(name) && strings.EqualFold(page[from:from+len(name)], name) {
			return page[:from-len("</")]
		}
	}
}

// value is where the value of an attribute stands in its tag; to is 0 where there
// is none.
type value struct {
	from, to int
	quoted   bool
}

// attribute finds an attribute by its name, in lower case. Of several the first
// counts, as in browsers.
func attribute(tag, name string) value {
	i := 1
	for i < len(tag) && !isBlank(tag[i]) {
		i++
	}
	for i < len(tag) {
		for i < len(tag) && (isBlank(tag[i]) || tag[i] == '/' || tag[i] == '>') {
			i++
		}
		from := i
		for i < len(tag) && !isBlank(tag[i]) && !strings.ContainsRune("=/>", rune(tag[i])) {
			i++
		}
		called := asciiLower(tag[from:i])
		v, next := valueAt(tag, i)
		if called == name && v.to > 0 {
			return v
		}
		i = max(next, from+1)
	}
	return value{}
}

// valueAt reads = and a value, where they stand there, and says where it goes on.
func valueAt(tag string, i int) (v value, next int) {
	at := skipBlank(tag, i)
	if at >= len(tag) || tag[at] != '=' {
		return v, i
	}
	at = skipBlank(tag, at+1)
	if at >= len(tag) {
		return v, at
	}
	if quote := tag[at]; quote == '"' || quote == '\'' {
		end := strings.IndexByte(tag[at+1:], quote)
		if end < 0 {
			return v, len(tag)
		}
		return value{at + 1, at + 1 + end, true}, at + end + 2
	}
	end := at
	for end < len(tag) && !isBlank(tag[end]) && tag[end] != '>' {
		end++
	}
	return value{at, end, false}, end
}

func skipBlank(s string, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' }
