package dayfile

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
)

// Encoding is how a CSV file stands on the disk.
type Encoding string

// The encodings. UTF-8 begins with a byte order mark, without which spreadsheets
// take it for something else. Shift_JIS has what Windows adds to it.
const (
	UTF8     Encoding = "utf8"
	ShiftJIS Encoding = "shift_jis"
)

// Encodings are their names, for a plugin's description.
func Encodings() []string { return []string{string(UTF8), string(ShiftJIS)} }

const byteOrderMark = "\ufeff"

// Header is the first line of a CSV file.
func Header(e Encoding, names []string) ([]byte, error) {
	b, err := Row(e, names)
	if e == UTF8 {
		b = append([]byte(byteOrderMark), b...)
	}
	return b, err
}

// UnencodableError says which field has a character that the encoding has not. It
// does not quote it.
type UnencodableError struct{ Field int }

// Error says which.
func (e *UnencodableError) Error() string {
	return fmt.Sprintf("field %d has a character that Shift_JIS has not", e.Field+1)
}

// Row is one line of a CSV file: quoted where it must be, no line break within it,
// and nothing that a spreadsheet would compute.
func Row(e Encoding, fields []string) ([]byte, error) {
	tame := make([]string, len(fields))
	for i, f := range fields {
		tame[i] = Tame(f)
		if e != ShiftJIS {
			continue
		}
		tame[i] = likeWindows.Replace(tame[i])
		if _, err := encoder().String(tame[i]); err != nil {
			return nil, &UnencodableError{i}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write(tame) // to memory
	w.Flush()
	if e != ShiftJIS {
		return b.Bytes(), nil
	}
	return encoder().Bytes(b.Bytes())
}

func encoder() *encoding.Encoder { return japanese.ShiftJIS.NewEncoder() }

// likeWindows turns characters that macOS, Linux and the web write into those that
// Windows writes for the same sign, which are the ones that Shift_JIS has.
var likeWindows = strings.NewReplacer(
	"\u301c", "\uff5e", // wave dash
	"\u2212", "\uff0d", // minus
	"\u2013", "\uff0d", "\u2014", "\u2015", "\u2010", "-", "\u2011", "-", // dashes
	"\u2016", "\u2225", // double bar
	"\u00a2", "\uffe0", "\u00a3", "\uffe1", "\u00ac", "\uffe2", "\u00a5", "\uffe5",
	"\u00a0", " ",
)

// Tame makes one line of a text and takes the force from what a spreadsheet would
// take for a formula, by an apostrophe before it.
func Tame(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '\u2028' || r == '\u2029':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, s)
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\ufffd")
	first := strings.TrimLeft(s, " \u3000\u00a0\ufeff")
	if first == "" || !strings.ContainsRune("=+-@＝＋－＠", []rune(first)[0]) || number.MatchString(s) {
		return s
	}
	return "'" + s
}

// number is a negative number, which may begin with its sign.
var number = regexp.MustCompile(`^-[0-9]+(\.[0-9]+)?$`)
