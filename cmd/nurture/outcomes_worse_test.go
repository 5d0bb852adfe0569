package main_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// rulesFrom is a workspace that hands over who asks for at least so many seats.
func rulesFrom(seats int) string {
	return fmt.Sprintf(`project "desk" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  text "company" {}
}

event "asked" {
  number "seats" { required = true }
}

event "opportunity_created" {}
event "deal_won" {}

toss_up "hot" {
  on       = event.asked
  when     = "event.seats >= %d"
  cooldown = "30d"

  success {
    on     = event.opportunity_created
    within = "30d"
  }
}
`, seats)
}

// A rule that hands over more and wins less is shown as worse by the verb, by the
// console and by the review, in both languages.
func TestWorseIsShownEverywhere(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	rules := t.TempDir()
	file := filepath.Join(rules, "rules.hcl")
	write(t, file, rulesFrom(10))
	s := startServer(t, bin, rules, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	defer s.stop(t)
	desk := func(cast string, leads, seats, opportunities, deals int, daysAgo float64) {
		l := &life{now: time.Now().UTC()}
		l.add(cast, 0, leads, daysAgo, tracked("asked", "seats", seats))
		l.add(cast, 0, opportunities, daysAgo-5, tracked("opportunity_created"))
		l.add(cast, 0, deals, daysAgo-20, tracked("deal_won"))
		s.sendBatch(t, l.events)
	}
	desk("strict", 20, 10, 12, 6, 100)
	write(t, file, rulesFrom(1))
	s.until(t, "the loosened rule", func(st liveStatus) bool { return st.Rules.OK && st.Revision == 2 })
	desk("loose", 60, 1, 9, 3, 90)

	worse := `worse \(surely\) than hot@\w+, though it hands over more`
	wrong := `悪い \(確か\)・比較 hot@\w+, 件数は多い`
	for what, c := range map[string]struct{ text, want string }{
		"the verb":                {s.verb(t, bin, "toss-ups"), `(?m)^hot +2 +60 +0 +0 +0 +0 +9 +3 +15 % .*` + worse},
		"the verb in Japanese":    {s.verb(t, bin, "toss-ups --lang ja"), wrong},
		"the review":              {s.verb(t, bin, "review"), `\| hot r2 \| 60 \| 0 \| 9 \| 3 \| 15 % \([^)]*\) \| ` + worse},
		"the review's warning":    {s.verb(t, bin, "review"), `⚠ hot r2: ` + worse},
		"the review in Japanese":  {s.verb(t, bin, "review --lang ja"), `⚠ hot r2：` + wrong},
		"the review as a page":    {s.verb(t, bin, "review --html"), worse},
		"the review as JSON":      {strings.Join(strings.Fields(s.verb(t, bin, "review --json")), ""), `"verdict":\{"word":"worse","than":"hot@\w+","sure":true,"more":true\}`},
		"the console":             {string(fetched(t, s.url+"/toss-ups?lang=en")), `<span class="bad">` + worse},
		"the console in Japanese": {string(fetched(t, s.url+"/toss-ups?lang=ja")), `<span class="bad">` + wrong},
		"the console's review":    {string(fetched(t, s.url+"/review?lang=en")), `⚠ hot r2: ` + worse},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.text) {
			t.Errorf("%s does not say %s:\n%s", what, c.want, c.text)
		}
	}
}
