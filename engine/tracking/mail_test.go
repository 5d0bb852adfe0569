package tracking

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

const base = "https://news.example.co.jp"

func linksOf(t testing.TB) Links { return Links{Keys: keysOf(t, secret), Base: base} }

// finish gives a mail its links, its pixel and its trap.
func finish(l Links, about Token, page, plain string) (newPage, newPlain string) {
	m := l.Finish(about, Mail{page, plain}, Extras{Hidden: true})
	return m.HTML, m.Text
}

// ours are the addresses of ours in a text, opened.
func ours(t testing.TB, l Links, text string) []Token {
	t.Helper()
	var found []Token
	for _, m := range regexp.MustCompile(regexp.QuoteMeta(base)+`/t/([cou])/([\w-]+)`).FindAllStringSubmatch(text, -1) {
		tok, err := l.Keys.Open(m[2])
		if err != nil {
			t.Fatalf("%s: %v", m[0], err)
		}
		if paths[tok.Kind] != "/t/"+m[1]+"/" {
			t.Errorf("an address under /t/%s/ has kind %d", m[1], tok.Kind)
		}
		found = append(found, tok)
	}
	return found
}

func TestMailLeadsThroughUs(t *testing.T) {
	t.Parallel()
	l := linksOf(t)
	about := click()
	about.URL, about.Class = "", ""
	out := about
	out.Kind = Unsubscribe
	wayOut, err := l.Address(out)
	if err != nil {
		t.Fatal(err)
	}
	page := `<html><head><title><a href="https://t/"></title><style>a[href="https://s/"]{}</style></head><body>
<!-- <a href="https://comment/"> --><a class="case_study" href="https://a.example/?x=1&amp;y=2" target="_blank">A</a>
<A HREF='https://b.example/' class="button pricing">B</A> <a href=https://c.example/c>C</a> 1 < 2
<a href="mailto:x@example.com">m</a><a href="tel:+81">t</a><a href="#top">s</a><a href="/rel">r</a><a name="x">n</a>
<area href="https://d.example/"><a href="` + wayOut + `">stop</a></BODY></html>`
	plain := "A (https://a.example/?x=1&y=2)\nB https://b.example/.\nE https://e.example/x\nhttps://f.example/xをご覧ください\n" + wayOut + "\nhttp is a word, mailto:x@example.com\n"
	newPage, newPlain := finish(l, about, page, plain)

	want := []Token{
		{Kind: Click, Class: "case_study", URL: "https://a.example/?x=1&y=2"},
		{Kind: Click, Class: "pricing", URL: "https://b.example/"},
		{Kind: Click, URL: "https://c.example/c"},
		{Kind: Click, URL: "https://d.example/"},
		{Kind: Unsubscribe},
		{Kind: Trap, URL: "https://a.example/?x=1&y=2"},
		{Kind: Open},
	}
	checkTokens(t, "the HTML", ours(t, l, newPage), about, want)
	checkTokens(t, "the text", ours(t, l, newPlain), about, []Token{want[0], want[1], {Kind: Click, URL: "https://e.example/x"}, {Kind: Unsubscribe}})
	for _, stays := range []string{
		`<title><a href="https://t/"></title>`, `href="https://s/"`, `<!-- <a href="https://comment/"> -->`, `"mailto:x@example.com"`,
		`"tel:+81"`, `"#top"`, `"/rel"`, `<a name="x">`, ` 1 < 2`, wayOut,
	} {
		if !strings.Contains(newPage, stays) {
			t.Errorf("%s does not stand in\n%s", stays, newPage)
		}
	}
	if !strings.Contains(newPlain, "https://f.example/xをご覧ください") || !strings.Contains(newPlain, "http is a word") {
		t.Errorf("the text is\n%s", newPlain)
	}
	if !strings.HasSuffix(newPage, "</BODY></html>") {
		t.Errorf("pixel and trap stand behind the end:\n%s", newPage)
	}
	againPage, againPlain := finish(l, about, page, plain)
	if againPage != newPage || againPlain != newPlain {
		t.Error("a second rendering differs")
	}
}

func checkTokens(t *testing.T, what string, got []Token, about Token, want []Token) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d addresses of ours, %+v", what, len(got), got)
	}
	for i, tok := range got {
		w := about
		w.Kind, w.Class, w.URL = want[i].Kind, want[i].Class, want[i].URL
		if tok != w {
			t.Errorf("%s, address %d: %+v, want %+v", what, i, tok, w)
		}
	}
}

// A mail without links has a pixel and no trap; one without HTML has neither.
func TestMailWithoutLinks(t *testing.T) {
	t.Parallel()
	l := linksOf(t)
	about := click()
	page, plain := finish(l, about, "<p>hello</p>", "hello")
	if got := ours(t, l, page); len(got) != 1 || got[0].Kind != Open || plain != "hello" {
		t.Errorf("got %s and %s", page, plain)
	}
	if page, plain = finish(l, about, "", "see https://a.example/"); page != "" || len(ours(t, l, plain)) != 1 {
		t.Errorf("got %q and %q", page, plain)
	}
}

// The way out is added where the author has left it out, once.
func TestWayOut(t *testing.T) {
	t.Parallel()
	l, e := linksOf(t), Extras{WayOut: base + "/t/u/abc", Words: "Stop <these>"}
	m := l.Finish(click(), Mail{"<html><body><p>x</p></body></html>", "x\n"}, e)
	if !strings.Contains(m.HTML, `href="`+e.WayOut+`"`) || !strings.Contains(m.HTML, "Stop &lt;these&gt;") || !strings.HasSuffix(m.HTML, "</p>\n</body></html>") {
		t.Errorf("the HTML is %s", m.HTML)
	}
	if m.Text != "x\n\n--\nStop <these>\n"+e.WayOut+"\n" {
		t.Errorf("the text is %q", m.Text)
	}
	if again := l.Finish(click(), m, e); again != m {
		t.Errorf("a mail that has its way out becomes %+v", again)
	}
	if m = l.Finish(click(), Mail{}, e); m != (Mail{}) {
		t.Errorf("nothing becomes %+v", m)
	}
}

func BenchmarkFinish(b *testing.B) {
	l := linksOf(b)
	page := "<html><body>" + strings.Repeat(`<p style="margin:0">text text text</p><a class="x" href="https://a.example/page?id=1">A</a>`, 10) + "</body></html>"
	plain := strings.Repeat("text (https://a.example/page?id=1)\n", 10)
	for b.Loop() {
		l.Finish(click(), Mail{page, plain}, Extras{Hidden: true, WayOut: base + "/t/u/x", Words: "Stop"})
	}
}

// A mail whose names do not fit goes as it was written.
func TestMailWithLongNames(t *testing.T) {
	t.Parallel()
	about := click()
	about.Workflow = strings.Repeat("w", MaxName+1)
	const written = `<a href="https://a.example/">A</a>`
	if page, plain := finish(linksOf(t), about, written, "https://a.example/"); page != written || plain != "https://a.example/" {
		t.Errorf("got %s and %s", page, plain)
	}
}

// Whatever an author or a lead writes, every address of ours opens and leads where
// the link led, and a second time through us changes no link.
func FuzzMail(f *testing.F) {
	f.Add(`<a href="https://a.example/">x</a>`, "https://a.example/")
	f.Add(`<a href='https://a/' class=b><area href=https://b/ ><style><a href="https://c/">`, "http://http://")
	f.Add(`<a title='>' href = "https://a/?q=&quot;1">`, "(https://a/?q=1).")
	f.Fuzz(func(t *testing.T, page, plain string) {
		l := linksOf(t)
		newPage, newPlain := finish(l, click(), page, plain)
		before := html.UnescapeString(page)
		for _, tok := range ours(t, l, newPage) {
			if tok.URL != "" && !strings.Contains(before, tok.URL) && !strings.Contains(page, base) {
				t.Errorf("a link leads to %q, which does not stand in %q", tok.URL, page)
			}
		}
		for _, tok := range ours(t, l, newPlain) {
			if tok.URL != "" && !strings.Contains(plain, tok.URL) && !strings.Contains(plain, base) {
				t.Errorf("an address leads to %q, which does not stand in %q", tok.URL, plain)
			}
		}
		m := mailer{Links: l, about: click(), classes: map[string]string{}}
		if again := m.page(newPage); again != newPage {
			t.Errorf("a second time through changes\n%s\nto\n%s", newPage, again)
		}
	})
}
