package lsp

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

// written draws a text such as people write: Japanese, emoji, marks that join,
// all ends of lines.
func written() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "score.interest", " ", "\t", "部長", "が", "か\u3099", "🍣", "👨‍👩‍👧", "é", "e\u0301", "＞＝", "\n", "\r\n", "\r", "\"", "",
		}), 0, 40).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

func encodings() *rapid.Generator[encoding] {
	return rapid.SampledFrom([]encoding{utf8Units, utf16Units, utf32Units})
}

// TestPositionsRoundTrip: every place between characters has a position, which
// leads back to it; and every position, however wrong, leads to a place between
// characters.
func TestPositionsRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := written().Draw(t, "text")
		txt := newText([]byte(src), encodings().Draw(t, "encoding"))
		for at := range src {
			if at > 0 && src[at-1] == '\r' && src[at] == '\n' {
				continue // within a line's end there is no place
			}
			if back := txt.offset(txt.position(at)); back != at {
				t.Fatalf("%d is %+v, which is %d", at, txt.position(at), back)
			}
		}
		if back := txt.offset(txt.position(len(src))); back != len(src) {
			t.Fatalf("the end is %+v, which is %d", txt.position(len(src)), back)
		}
		p := position{rapid.IntRange(-1, 50).Draw(t, "line"), rapid.IntRange(-1, 100).Draw(t, "character")}
		at := txt.offset(p)
		if at < 0 || at > len(src) || at < len(src) && !utf8.RuneStart(src[at]) {
			t.Fatalf("%+v is %d", p, at)
		}
	})
}

// TestPositionsCount: characters of a line are counted as the encoding says.
func TestPositionsCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := written().Draw(t, "text")
		at := rapid.IntRange(0, len(src)).Draw(t, "at")
		for at > 0 && at < len(src) && !utf8.RuneStart(src[at]) {
			at--
		}
		before := strings.ReplaceAll(src[:at], "\r\n", "\n")
		before = strings.ReplaceAll(before, "\r", "\n")
		if strings.HasSuffix(src[:at], "\r") && strings.HasPrefix(src[at:], "\n") {
			return
		}
		line := before[strings.LastIndexByte(before, '\n')+1:]
		for enc, want := range map[encoding]int{
			utf8Units: len(line), utf16Units: len(utf16.Encode([]rune(line))), utf32Units: utf8.RuneCountInString(line),
		} {
			got := newText([]byte(src), enc).position(at)
			if got.Character != want || got.Line != strings.Count(before, "\n") {
				t.Fatalf("%q at %d in %s is %+v, want %d:%d", src, at, enc, got, strings.Count(before, "\n"), want)
			}
		}
	})
}

// TestChanges: a change of a part gives what it says, and edits lead from one text
// to another.
func TestChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		enc := encodings().Draw(t, "encoding")
		old, now := written().Draw(t, "old"), written().Draw(t, "new")
		txt := newText([]byte(old), enc)
		start := txt.offset(txt.position(rapid.IntRange(0, len(old)).Draw(t, "start")))
		end := txt.offset(txt.position(rapid.IntRange(start, len(old)).Draw(t, "end")))
		between := txt.between(start, end)
		got := txt.changed(contentChange{Range: &between, Text: now})
		if want := old[:start] + now + old[max(start, end):]; string(got.src) != want {
			t.Fatalf("it becomes %q, want %q", got.src, want)
		}
		for _, e := range txt.editsTo([]byte(now)) {
			txt = txt.changed(contentChange{Range: &e.Range, Text: e.NewText})
		}
		if string(txt.src) != now {
			t.Fatalf("the edits lead to %q, want %q", txt.src, now)
		}
	})
}

func TestChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		offered []string
		want    encoding
	}{
		{nil, utf16Units},
		{[]string{"utf-8", "utf-16"}, utf8Units},
		{[]string{"utf-7", "utf-32"}, utf32Units},
	} {
		if got := chosen(c.offered); got != c.want {
			t.Errorf("of %v %s is chosen", c.offered, got)
		}
	}
}

func TestPathsAndURIs(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/rules/a.hcl", "/規則/見込み客 100%.hcl", "/a#b?c/d.hcl"} {
		got, ok := pathOf(uriOf(file))
		if !ok || got != file {
			t.Errorf("%s becomes %s, which is %q", file, uriOf(file), got)
		}
	}
	for _, uri := range []string{"untitled:Untitled-1", "git:/a.hcl", "file://", ":", ""} {
		if got, ok := pathOf(uri); ok {
			t.Errorf("%q is the file %q", uri, got)
		}
	}
}
