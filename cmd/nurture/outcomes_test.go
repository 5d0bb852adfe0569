package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// outcomeRow is a line of the table: what it is called, and the commands that show it.
type outcomeRow struct {
	name     string
	commands []string
}

var (
	tableLine = regexp.MustCompile(`(?m)^\| ([AKB]\d+) \|.*\|$`)
	inTicks   = regexp.MustCompile("`nurture ([^`]+)`")
)

// outcomeTable reads the table of docs/LANGUAGE/outcomes.md.
func outcomeTable(t *testing.T, language string) []outcomeRow {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", language, "outcomes.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []outcomeRow
	for _, m := range tableLine.FindAllStringSubmatch(string(b), -1) {
		row := outcomeRow{name: m[1]}
		for _, c := range inTicks.FindAllStringSubmatch(m[0], -1) {
			row.commands = append(row.commands, c[1])
		}
		rows = append(rows, row)
	}
	return rows
}

// outcomeRows are the rows that the table must have.
func outcomeRows() []string {
	names := []string{"A12", "A13", "A14", "A15", "A16", "A17", "A18", "A19"}
	for i := 1; i <= 17; i++ {
		names = append(names, fmt.Sprint("K", i))
	}
	return append(names, "B4", "B6", "B7", "B11", "B12", "B13", "B14", "B15", "B17", "B18")
}

// Everything that the table of outcomes names is shown by the command beside it: each
// is really run against a server with a year in it, and must print the number that a
// plain count of outcomesLife gives.
func TestOutcomesCanBePointedAt(t *testing.T) {
	t.Parallel()
	rows := outcomeTable(t, "en")
	var names []string
	for _, row := range rows {
		names = append(names, row.name)
	}
	if !slices.Equal(names, outcomeRows()) {
		t.Errorf("the table has the rows %v", names)
	}
	if ja := outcomeTable(t, "ja"); fmt.Sprint(ja) != fmt.Sprint(rows) {
		t.Errorf("the Japanese table names other commands:\n%v\n%v", ja, rows)
	}
	bin := buildProgram(t)
	s := outcomesWorld(t, bin)
	defer s.stop(t)
	patience := enginetest.Patience(t)
	for _, row := range rows {
		if len(row.commands) == 0 {
			t.Errorf("%s names no command", row.name)
		}
		for _, command := range row.commands {
			want := outcomeNumbers[command]
			if len(want) == 0 {
				t.Errorf("%s: nothing is known of what `nurture %s` must print", row.name, command)
				continue
			}
			s.prints(t, bin, row.name, command, want, patience)
		}
	}
	if out := s.verb(t, bin, "kpi --verify"); !strings.Contains(out, "110 leads") || !strings.Contains(out, "Every figure is what the journals tell.") {
		t.Errorf("kpi --verify: %s", out)
	}
	t.Run("arms", func(t *testing.T) { checkArms(t, s.verb(t, bin, "experiment"), s.verb(t, bin, "kpi mails_by_tag")) })
}

// prints runs a command until it prints what is wanted: messages are on their way when
// the first one is run.
func (s *served) prints(t *testing.T, bin, row, command string, want []string, patience context.Context) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		out := s.verb(t, bin, command)
		missing := ""
		for _, re := range want {
			if !regexp.MustCompile(re).MatchString(out) {
				missing = re
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-patience.Done():
			t.Errorf("%s: `nurture %s` does not print %s:\n%s", row, command, missing, out)
			return
		case <-tick.C:
		}
	}
}

// verb runs a command line against the server.
func (s *served) verb(t *testing.T, bin, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, strings.Fields(command)...)
	cmd.Env = append(os.Environ(), "NURTURE_SERVER="+s.url, "NURTURE_LANG=en", "LANG=C", "NURTURE_API_KEY=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("nurture %s: %v\n%s", command, err, out)
	}
	return string(out)
}

// outcomeNumbers is what each command must print, as counted by hand from
// outcomesLife. Leads are 110: ten of c, twenty of a, thirty of b, forty of d, five of
// e and of f.
var outcomeNumbers = map[string][]string{
	// Won: c00, a00, a01, b00. With an opportunity besides: c01, a02, a03. With sales: a04
	// and a05 (accepted), a08 and a09 (no answer yet), b20 and b21.
	"lifecycle":                   {`(?m)^  Customer +4 `, `(?m)^  Opportunity +3 `, `(?m)^  With sales +6 `, `(?m)^  Lead +97 `},
	"kpi in_target":               {`(?m)^  value +7$`}, // b00 to b06
	"kpi printed":                 {`(?m)^  value +5$`}, // e
	"kpi k08_circulation":         {`(?m)^  step=issue workflow=letter +20 +20 `, `(?m)^  step=thanks workflow=document_request +5 +5 `},
	"experiment":                  {`(?m)^  campaign +trial `}, // the sums: see checkArms
	"experiment --tags":           {`(?m)^  number +trial_started +1 `, `(?m)^  plain +trial_started +1 `},
	"kpi mails_by_tag":            {`tag=number`, `tag=plain`},
	"funnel year":                 {`(?m)^Written to .* 50 `, `(?m)^Inquiries .* 12 `, `(?m)^Opportunities .* 6 `, `(?m)^Deals won .* 4 `, `◀ bottleneck`},
	"kpi deals":                   {`(?m)^  value +1$`, `(?m)^  target +4 `, `(?m)^  achieved +25%$`}, // b00
	"kpi k01_approaches":          {`(?m)^  value +30$`},                                              // b
	"kpi k01_sign_ups":            {`(?m)^  value +69$`},                                              // 24 of b, all of d and e
	"kpi k02_conversion":          {`\(24 / 30\)`},                                                    // of b
	"kpi k03_inquiries":           {`\(10 / 30\)`},                                                    // ten of all of a and c; b has not had its 90 days
	"kpi k04_appointments":        {`\(5 / 30\)`},
	"kpi k04_of_inquiries":        {`\(5 / 10\)`},
	"kpi k05_opportunities":       {`\(6 / 30\)`},
	"kpi k05_of_appointments":     {`\(4 / 5\)`},
	"kpi k06_deals":               {`\(1 / 10\)`}, // of c; the others have not had their 180 days
	"kpi k06_of_opportunities":    {`\(1 / 2\)`},
	"kpi k07_downloads":           {`(?m)^  value +5$`},
	"kpi k09_open_rate":           {`step=issue workflow=letter +60.0% +12 / 20 `},
	"kpi k09_opened_by_machines":  {`(?m)^  value +3$`},
	"kpi k10_click_rate":          {`step=issue workflow=letter +40.0% +8 / 20 `},
	"kpi k10_clicked_by_machines": {`(?m)^  value +2$`},
	"kpi k11_unsubscribes":        {`step=issue workflow=letter +5.0% +1 / 20 `},
	"kpi k12_from_mail":           {`\(5 / 8\)`},
	"kpi k13_replies":             {`(?m)^  value +2$`},
	"kpi k14_reachable":           {`(?m)^  value +68$`, `not reachable: \S+ \d+`}, // 23 of b, all of d and e
	"kpi k15_of_a_mailing":        {`step=issue workflow=letter +25.0% +5 / 20 `},
	"kpi k16_toss_ups":            {`(?m)^  value +2$`, `more is not better`}, // b20 and b21
	"kpi k17_won":                 {`(?m)^  value +2$`},                       // a00 and a01
	"kpi k17_won_rate":            {`\(2 / 10\)`},
	// Offered 12, of which 2 are young; accepted 6, rejected 2, expired 0; 4 opportunities,
	// 2 won; missed: c00 and c01.
	"toss-ups inquiry":               {`(?m)^inquiry +1 +12 +2 +6 +2 +0 +4 +2 +40 % \(\d+–\d+\) +2 `},
	"toss-ups --state queued":        {`(?s)(callback .*queued.*){3}`},
	"toss-ups --state rejected":      {`(?s)(inquiry .*rejected.*no_budget.*){2}`},
	"review weekly":                  {`\| Deals won \| 1 \|`, `\| Inquiry r1 \| 12 \| 2 \| 4 \| 2 \| 40 %`},
	"kpi opens":                      {`\(12 / \d+\)`, `(?i)subject`},
	"kpi clicks":                     {`\(8 / \d+\)`, `(?i)body|text`},
	"kpi clicks_by_link":             {`(?m)^  link_class=price +3 +3`, `(?m)^  link_class=case +5 +5`},
	"attribution deal_won --by kind": {`deal_won: 4 results of 4 leads`, `(?m)^  visit +\d`},
}

// checkArms adds up what chance has divided: forty entered, ten of them reached the
// goal, and whoever was let in was drawn once for each experiment and got one mail.
func checkArms(t *testing.T, experiments, tags string) {
	numbers := func(text, pattern string) (sums []int) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			for i, g := range m[1:] {
				n, err := strconv.Atoi(g)
				if err != nil {
					t.Fatal(err)
				}
				if i == len(sums) {
					sums = append(sums, 0)
				}
				sums[i] += n
			}
		}
		return sums
	}
	sides := numbers(experiments, `(?m)^  campaign +trial +(?:\S+ \()?(\d+)/(\d+)\)? +(?:\S+ \()?(\d+)/(\d+)`)
	if len(sides) != 4 || sides[0]+sides[2] != 10 || sides[1]+sides[3] != 40 || sides[3] == 0 {
		t.Fatalf("the hold-out's sides are %v, want 10 of 40 in all:\n%s", sides, experiments)
	}
	subject := numbers(experiments, `(?m)^ +(?:[✓▸] )?(?:plain|number) +(\d+) `)
	slots := numbers(experiments, `(?m)^ +(?:[✓▸] )?(?:tue_morning|wed_noon|thu_afternoon) +(\d+) `)
	mails := numbers(tags, `(?m)^  tag=(?:plain|number) +(\d+) `)
	for _, sum := range [][]int{subject, slots, mails} {
		if len(sum) != 1 || sum[0] != sides[1] {
			t.Errorf("%d were let in; drawn %v for the subject, %v for the time, mails by tag %v\n%s\n%s", sides[1], subject, slots, mails, experiments, tags)
			break
		}
	}
}
