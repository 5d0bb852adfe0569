package inbound

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"github.com/emersion/go-message/charset"
)

// What comes back is often no mail by the book: line ends of any kind, headers
// that begin with an mbox line or end in the middle, multiparts without an end,
// letters in undeclared charsets. The reader here takes whatever can be taken and
// fails at nothing.

// Bounds of what is read of one mail.
const (
	maxParts = 60
	maxDepth = 8
)

// header are the fields of a header in their order, with lower-case names and
// unfolded values.
type header []field

type field struct{ name, value string }

// get is the value of the first field of that name, "" for none.
func (h header) get(name string) string {
	for i := range h {
		if h[i].name == name {
			return h[i].value
		}
	}
	return ""
}

// all are the values of all fields of that name.
func (h header) all(name string) []string {
	var values []string
	for i := range h {
		if h[i].name == name {
			values = append(values, h[i].value)
		}
	}
	return values
}

// words is the value of a field with its encoded words read.
func (h header) words(name string) string { return decodeWords(h.get(name)) }

var words = mime.WordDecoder{CharsetReader: charset.Reader}

func decodeWords(s string) string {
	decoded, err := words.DecodeHeader(s)
	if err != nil {
		return s
	}
	return decoded
}

// part is a leaf of a mail: what it says it is, and its text.
type part struct {
	kind   string // "text/plain", in lower case
	params map[string]string
	text   string
}

// normal gives every line the end \n and takes the line of a mailbox file away.
func normal(raw []byte) string {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	raw = bytes.TrimLeft(raw, "\n")
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return string(raw)
}

// split parts a mail into its header and its body. A line that is none of a header
// begins the body even where no empty line stands before it.
func split(text string) (header, string) {
	var h header
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		if strings.TrimSpace(line) == "" {
			return h, rest
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(h) == 0 {
				return h, text
			}
			last := &h[len(h)-1]
			last.value = strings.TrimSpace(last.value + " " + strings.TrimSpace(line))
			text = rest
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if (!ok || !isFieldName(name)) && goesOn(h, line) {
			h[len(h)-1].value += " " + strings.TrimSpace(line)
			text = rest
			continue
		}
		if !ok || !isFieldName(name) {
			return h, text
		}
		h = append(h, field{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)})
		text = rest
	}
	return h, ""
}

// goesOn reports whether a line is a parameter that somebody forgot to indent.
func goesOn(h header, line string) bool {
	if len(h) == 0 || !strings.HasSuffix(h[len(h)-1].value, ";") {
		return false
	}
	name, _, ok := strings.Cut(line, "=")
	return ok && isFieldName(name)
}

func isFieldName(name string) bool {
	name = strings.TrimRight(name, " ")
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}

// contentType reads the header's Content-Type; what cannot be read is plain text.
func (h header) contentType() (string, map[string]string) {
	value := h.get("content-type")
	kind, params, err := mime.ParseMediaType(value)
	if err == nil {
		return kind, params
	}
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !strings.Contains(kind, "/") {
		kind = "text/plain"
	}
	params = map[string]string{}
	for one := range strings.SplitSeq(rest, ";") {
		if name, value, ok := strings.Cut(one, "="); ok {
			params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return kind, params
}

// leaves are the parts of a body, those of mails within it as one part each.
func leaves(h header, body string, depth int) []part {
	kind, params := h.contentType()
	if boundary := params["boundary"]; strings.HasPrefix(kind, "multipart/") && boundary != "" && depth < maxDepth {
		var all []part
		for i, piece := range pieces(body, boundary) {
			if i == 0 || len(all) >= maxParts {
				if strings.TrimSpace(piece) != "" && i == 0 {
					all = append(all, part{kind: "text/plain", text: piece})
				}
				continue
			}
			inner, text := split(strings.TrimPrefix(piece, "\n"))
			if strings.HasPrefix(piece, "\n") { // a part without a header
				inner, text = nil, piece[1:]
			}
			all = append(all, leaves(inner, text, depth+1)...)
		}
		return all
	}
	text := decodeBody(h.get("content-transfer-encoding"), body)
	return []part{{kind: kind, params: params, text: decodeText(kind, params["charset"], text)}}
}

// pieces are what stands between the lines of a boundary, the first before it.
func pieces(body, boundary string) []string {
	var out []string
	var piece strings.Builder
	mark := "--" + boundary
	for line := range strings.Lines(body) {
		rest, ok := strings.CutPrefix(strings.TrimRight(line, " \t\n"), mark)
		if !ok || rest != "" && rest != "--" {
			piece.WriteString(line)
			continue
		}
		out = append(out, piece.String())
		piece.Reset()
		if rest == "--" {
			return out
		}
	}
	return append(out, piece.String())
}

func decodeBody(encoding, body string) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		// What is damaged at its end is read up to there.
		decoded, _ := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(body)))
		if len(decoded) > 0 {
			return strings.ReplaceAll(string(decoded), "\r\n", "\n")
		}
	case "quoted-printable":
		decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
		if err == nil {
			return strings.ReplaceAll(string(decoded), "\r\n", "\n")
		}
	}
	return body
}

// decodeText gives a text in UTF-8. Without a charset it tries what Japanese
// servers forget to declare.
func decodeText(kind, label, text string) string {
	if !strings.HasPrefix(kind, "text/") && !strings.HasPrefix(kind, "message/") {
		return text
	}
	if label == "" && strings.Contains(text, "\x1b$") {
		label = "iso-2022-jp"
	}
	if strings.EqualFold(label, "iso-2022-jp") && !strings.Contains(text, "\x1b") && !isASCII(text) {
		label = "euc-jp" // some say the one and write the other
	}
	if label == "" || strings.EqualFold(label, "us-ascii") && !strings.Contains(text, "\x1b$") {
		return strings.ToValidUTF8(text, "?")
	}
	if strings.Contains(text, "\x1b$") {
		label = "iso-2022-jp"
	}
	if r, err := charset.Reader(label, strings.NewReader(text)); err == nil {
		if decoded, err := io.ReadAll(r); err == nil {
			text = string(decoded)
		}
	}
	return strings.ToValidUTF8(text, "?")
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
