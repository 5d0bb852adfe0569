package kpi

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDecide(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Plan{
		"after 400 sends each, 95% sure":        {MinEach: 400, Sure: 0.95},
		"after 1 sends each, 99.5% sure":        {MinEach: 1, Sure: 0.995},
		"after 1000000000 sends each, 51% sure": {MinEach: 1_000_000_000, Sure: 0.51},
	} {
		got, err := ParseDecide(s)
		if err != nil || got.MinEach != want.MinEach || got.Sure != want.Sure {
			t.Errorf("%q: %+v (%v)", s, got, err)
		}
	}
	for s, want := range map[string]Mistake{
		"":                                      {NotDecide, "", "after 400 sends each, 95% sure"},
		"after 400 sends each":                  {NotDecide, "", "after 400 sends each, 95% sure"},
		"after 1,000 sends each, 99 % sure":     {NotDecide, "", "after 1000 sends each, 99% sure"},
		"400 each, 90%":                         {NotDecide, "", "after 400 sends each, 90% sure"},
		"各500通、９９％":                             {NotDecide, "", "after 500 sends each, 99% sure"},
		"95% sure after 300 sends":              {NotDecide, "", "after 300 sends each, 95% sure"},
		"after -5 sends each, 95% sure":         {NotDecide, "", "after 5 sends each, 95% sure"},
		"after 0 sends each, 90% sure":          {NoSends, "", "after 400 sends each, 90% sure"},
		"after 9999999999 sends each, 95% sure": {ManySends, "", "after 1000000000 sends each, 95% sure"},
		"after 300 sends each, 100% sure":       {NeverSure, "", "after 300 sends each, 99% sure"},
		"after 300 sends each, 50% sure":        {HardlySure, "", "after 300 sends each, 95% sure"},
	} {
		want.Got = s
		checkMistake(t, s, want, func(s string) error { _, err := ParseDecide(s); return err })
	}
}

func TestParseGuard(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Guard{
		"unsubscribed > 1%":    {What: "unsubscribed", Limit: 0.01},
		"email_bounced > 2.5%": {What: "email_bounced", Limit: 0.025},
		"delivered < 95%":      {What: "delivered", Below: true, Limit: 0.95},
	} {
		if got, err := ParseGuard(s); err != nil || got != want {
			t.Errorf("%q: %+v (%v)", s, got, err)
		}
	}
	for s, want := range map[string]Mistake{
		"":                     {NotGuard, "", "unsubscribed > 1%"},
		"unsubscribed>1%":      {NotGuard, "", "unsubscribed > 1%"},
		"Bounced >= 2 %":       {NotGuard, "", "bounced > 2%"},
		"complained > 0.1":     {NotGuard, "", "complained > 0.1%"},
		"delivered＜９５％":        {NotGuard, "", "delivered < 95%"},
		"unsubscribed":         {NotGuard, "", "unsubscribed > 1%"},
		"too many complaints!": {NotGuard, "", "unsubscribed > 1%"},
		"unsubscribed > 0%":    {NoLimit, "", "unsubscribed > 1%"},
		"unsubscribed > 100%":  {NoLimit, "", "unsubscribed > 1%"},
	} {
		want.Got = s
		checkMistake(t, s, want, func(s string) error { _, err := ParseGuard(s); return err })
	}
}

func checkMistake(t *testing.T, s string, want Mistake, parse func(string) error) {
	t.Helper()
	var m *Mistake
	if err := parse(s); !errors.As(err, &m) || *m != want {
		t.Errorf("%q: %v, want %+v", s, err, want)
		return
	}
	if err := parse(m.Write); err != nil {
		t.Errorf("%q: told to write %q, which gives %v", s, m.Write, err)
	}
}

// Whatever is written, it is read or a mistake tells what to write, which is read.
func TestEveryMistakeNamesSomethingThatIsAccepted(t *testing.T) {
	t.Parallel()
	words := []string{"after", "400", "0", "sends", "each", ",", "95%", "99", "%", "sure", "unsubscribed", ">", "<", ">=", "1%", "0%", "100%", "999%", "．５％", " ", "  ", "通", "99999999999999999999", "-", "."}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		if rapid.Bool().Draw(t, "of words") {
			s = ""
			for range rapid.IntRange(0, 9).Draw(t, "words") {
				s += rapid.SampledFrom(words).Draw(t, "word")
			}
		}
		for _, parse := range []func(string) error{
			func(s string) error { _, err := ParseDecide(s); return err },
			func(s string) error { _, err := ParseGuard(s); return err },
		} {
			err := parse(s)
			if err == nil {
				continue
			}
			var m *Mistake
			if !errors.As(err, &m) || m.Got != s || m.Error() == "" {
				t.Fatalf("%q: %v", s, err)
			}
			if err := parse(m.Write); err != nil {
				t.Fatalf("%q: told to write %q, which gives %v", s, m.Write, err)
			}
		}
	})
}

func TestMistakeOfNoKnownProblem(t *testing.T) {
	t.Parallel()
	for _, problem := range []Problem{0, 99} {
		if got := (&Mistake{Problem: problem, Got: "x", Write: "y"}).Error(); got != `"x" cannot be read; write "y"` {
			t.Error(got)
		}
	}
}
