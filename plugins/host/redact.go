package host

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/seed-456efde2/nurture/engine"
)

// maxDetail bounds what a plugin may say about an action or write as one line.
const maxDetail = 400

// address is anything that looks like a mail address.
var address = regexp.MustCompile(`[^\s<>"'(),:;=]+@[^\s<>"'(),:;=]+`)

// redactor keeps a channel's secrets and people's addresses out of what its
// plugin says. A plugin should say neither; services quote recipients all the
// time.
type redactor struct{ secrets []string }

// newRedactor leaves out secrets so short that removing them would only garble.
func newRedactor(secrets []string) redactor {
	var r redactor
	for _, s := range secrets {
		if len(s) >= 4 {
			r.secrets = append(r.secrets, s)
		}
	}
	return r
}

// text is s without secrets and addresses, valid UTF-8 and not longer than limit
// bytes.
func (r redactor) text(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, "<secret>")
	}
	s = address.ReplaceAllString(s, "<address>")
	return cut(s, limit)
}

// detail is what a plugin said about a request, without that request's parts.
func (r redactor) detail(s string, req *engine.Request) string {
	if s == "" {
		return ""
	}
	for _, p := range req.Parts {
		if text := p.Value.Text(); len(text) >= 4 && len(text) <= 200 {
			s = strings.ReplaceAll(s, text, "<"+p.Name+">")
		}
	}
	return r.text(s, maxDetail)
}

// cut shortens s to at most limit bytes, at a character's border.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
