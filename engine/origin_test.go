package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// touchSpec is a workspace that asks for every part of the first and last touch.
func touchSpec() *engine.Spec {
	s := spec()
	s.Events = append(s.Events, engine.EventSpec{Name: "web_clicked"}, engine.EventSpec{Name: "line_clicked"})
	for _, which := range []string{engine.FirstTouch, engine.LastTouch} {
		for _, part := range []string{engine.OriginAt, engine.OriginClass, engine.OriginSource, engine.OriginMedium, engine.OriginCampaign, engine.OriginPage} {
			s.Asked = append(s.Asked, engine.Key{Kind: engine.KeyTouch, Name: part, Arg: which})
		}
	}
	return s
}

func (w *world) touch(which string) string {
	var parts []string
	for _, part := range []string{engine.OriginClass, engine.OriginSource, engine.OriginMedium, engine.OriginCampaign} {
		parts = append(parts, w.Read(w.tanaka(), engine.Key{Kind: engine.KeyTouch, Name: part, Arg: which}).Text())
	}
	return strings.Join(parts, " ")
}

func (w *world) visit(url, referrer string) {
	w.t.Helper()
	w.event(engine.Page, "", text("url", url), text("referrer", referrer), text("path", "/a"))
}

// The first touch is the first of all; the last is the latest that somebody sent.
func TestTouches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, touchSpec(), sim.Options{})
	w.track("form_submitted")
	w.want("without a visit", w.touch(engine.FirstTouch), "   ")
	w.visit("https://www.example.jp/", "https://www.google.co.jp/")
	w.want("first", w.touch(engine.FirstTouch), "search www.google.co.jp  ")
	w.after(engine.Minute)
	w.visit("https://www.example.jp/b?utm_source=expo&utm_medium=booth&utm_campaign=Autumn+26", "https://www.example.jp/")
	w.want("another campaign begins another visit", w.touch(engine.LastTouch), "campaign expo booth Autumn 26")
	w.after(engine.Day)
	w.visit("https://www.example.jp/", "")
	w.want("direct replaces nobody", w.touch(engine.LastTouch), "campaign expo booth Autumn 26")
	w.after(engine.Day)
	w.visit("https://www.example.jp/", "https://app.example.jp/x")
	w.want("nor does the site itself", w.touch(engine.LastTouch), "campaign expo booth Autumn 26")
	w.after(engine.Day)
	w.track("line_clicked", text("channel", "line"), text("workflow", "welcome"))
	w.after(engine.Minute)
	w.visit("https://www.example.jp/", "")
	w.want("a click on a message", w.touch(engine.LastTouch), "social line line welcome")
	w.track("web_clicked", text("slot", "hero"), text("workflow", "offer"), text("step", "banner"))
	w.want("what the site shows brings nobody", w.touch(engine.LastTouch), "social line line welcome")
	w.want("the first stays", w.touch(engine.FirstTouch), "search www.google.co.jp  ")
	if at := w.Read(w.tanaka(), engine.Key{Kind: engine.KeyTouch, Name: engine.OriginAt, Arg: engine.FirstTouch}); at.Time() != start {
		t.Errorf("the first touch was at %v", at)
	}
}

// Each class, by what names it.
func TestOriginClasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, referrer, class string }{
		{"https://a.jp/?utm_source=google&utm_medium=cpc", "https://www.google.com/", engine.ByPaid},
		{"https://a.jp/?utm_source=letter&utm_medium=Email", "", engine.ByMail},
		{"https://a.jp/", "https://mail.google.com/mail/u/0/", engine.ByMail},
		{"https://a.jp/?utm_source=facebook", "", engine.BySocial},
		{"https://a.jp/", "https://t.co/abc", engine.BySocial},
		{"https://a.jp/", "https://l.facebook.com/l.php", engine.BySocial},
		{"https://a.jp/", "https://search.yahoo.co.jp/search", engine.BySearch},
		{"https://a.jp/", "https://www.bing.com/", engine.BySearch},
		{"https://a.jp/?utm_source=expo", "", engine.ByCampaign},
		{"https://a.jp/", "https://partner.example.com/list", engine.ByReferral},
		{"https://a.jp/", "https://google.example.com/", engine.ByReferral},
		{"https://a.jp/", "https://www.a.jp/other", engine.ByDirect},
		{"https://a.jp/", "", engine.ByDirect},
	} {
		w := newWorld(t, touchSpec(), sim.Options{})
		w.visit(c.url, c.referrer)
		class := w.Read(w.tanaka(), engine.Key{Kind: engine.KeyTouch, Name: engine.OriginClass, Arg: engine.FirstTouch}).Text()
		if class != c.class {
			t.Errorf("%s from %q is %s, want %s", c.url, c.referrer, class, c.class)
		}
		if !slices.Contains(engine.OriginClasses, class) {
			t.Errorf("%s is no class", class)
		}
	}
}

// Visits that come in any order, and twice, fold to the same touches; and a lead's
// row keeps them.
func TestTouchesInAnyOrder(t *testing.T) {
	t.Parallel()
	sources := []string{"", "expo", "letter", "google", ""}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		var events []engine.Event
		for i := range 30 {
			e := engine.Event{Kind: engine.Page, ID: fmt.Sprint("v", i), User: "tanaka", At: start.Add(engine.Span(r.IntN(20)) * 10 * engine.Minute)}
			if source := sources[r.IntN(len(sources))]; source != "" {
				e.Fields = []engine.Field{text("url", "https://a.jp/?utm_source="+source)}
			}
			events = append(events, e)
		}
		var first []byte
		for round := range 3 {
			w := newWorld(t, touchSpec(), sim.Options{})
			for i, e := range randomOrder(r, events, round) {
				e.Received = start.Add(engine.Day + engine.Span(i)*engine.Second)
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			got := leadFolds(w.tanaka())
			if round == 0 {
				first = got
			}
			if !bytes.Equal(got, first) {
				t.Fatalf("seed %d: the touches differ by order of arrival: %s / %s", seed, w.touch(engine.FirstTouch), w.touch(engine.LastTouch))
			}
			var again engine.Lead
			if err := engine.DecodeLead(engine.AppendLead(nil, w.tanaka()), &again); err != nil || again.Folds.Origins != w.tanaka().Folds.Origins {
				t.Fatalf("the row gives %+v, %v", again.Folds.Origins, err)
			}
		}
	}
}

// Who asks for no touch keeps none.
func TestNoTouchUnasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.visit("https://a.jp/?utm_source=expo", "")
	if w.tanaka().Folds.Origins != (engine.Origins{}) {
		t.Error("a touch is kept that nobody asks for")
	}
}
