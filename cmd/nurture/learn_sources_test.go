package main_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// The same events teach the same, wherever they lie: in a file, in a running server,
// in the folder of one that was stopped, in backups of both.
func TestLearnFromEverywhere(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	for _, c := range []struct {
		name, rules, tossUp string
		events              func(t *testing.T) string
		more                []string
	}{
		{"olist", filepath.Join("testdata", "learn", "olist"), "wants_to_sell", func(t *testing.T) string {
			return enginetest.Data(t, "olist/olist.ndjson.gz")
		}, []string{"--since", "1y"}},
		// Scores fade, visitors become known, and what happened comes in no order.
		{"visitors", "", "hot", visitorEvents, []string{"--since", "380d", "--capacity", "40"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.rules == "" {
				c.rules = t.TempDir()
				write(t, filepath.Join(c.rules, "rules.hcl"), visitorRules)
			}
			events, folder := c.events(t), t.TempDir()
			data := filepath.Join(folder, "data")
			learnFrom := func(place ...string) map[string]any {
				return lessonOf(t, bin, slices.Concat([]string{"toss_up." + c.tossUp, "--workspace", c.rules}, c.more, place))
			}
			want := learnFrom("--events", events)
			s := startServer(t, bin, c.rules, data, "127.0.0.1:0", "")
			s.sendFile(t, events)
			same := func(where string, got map[string]any) {
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s teaches\n%v\nnot, as the file does,\n%v", where, got, want)
				}
			}
			same("the running server", learnFrom("--server", s.url))
			live, stopped := filepath.Join(folder, "live.backup"), filepath.Join(folder, "stopped.backup")
			nurture(t, bin, "backup", live, "--server", s.url)
			s.stop(t)
			same("the folder", learnFrom("--data", data))
			nurture(t, bin, "backup", stopped, "--data", data)
			same("a backup of the running server", learnFrom("--backup", live))
			same("a backup of the folder", learnFrom("--backup", stopped))

			nurture(t, bin, "restore", live, "--data", filepath.Join(folder, "restored"))
			same("a restored folder", learnFrom("--data", filepath.Join(folder, "restored")))
		})
	}
}

// nurture runs a verb that must end well, and gives what it prints.
func nurture(t *testing.T, bin string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("nurture %s: %v\n%s", strings.Join(args, " "), err, lastLines(stderr.String()+string(out), 10))
	}
	return out
}

// lessonOf is what learn --json prints, without what must not be the same: how long it
// took, and what the record tells of the past's own decisions.
func lessonOf(t *testing.T, bin string, args []string) map[string]any {
	t.Helper()
	var doc struct {
		Learn map[string]any
		Diff  string
	}
	if err := json.Unmarshal(nurture(t, bin, append(append([]string{"learn"}, args...), "--json")...), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Learn["leads"] == nil || doc.Diff == "" {
		t.Fatalf("learn tells %v", doc)
	}
	delete(doc.Learn, "seconds")
	delete(doc.Learn, "unknown")
	doc.Learn["diff"] = doc.Diff
	return doc.Learn
}

// sendFile sends a file of events in its order, in batches.
func (s *served) sendFile(t *testing.T, name string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var batch []json.RawMessage
	flush := func() {
		var answer map[string]any
		s.ask(t, http.MethodPost, "/v1/batch", map[string]any{"batch": batch}, &answer)
		batch = batch[:0]
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		batch = append(batch, slices.Clone(lines.Bytes()))
		if len(batch) == 500 {
			flush()
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	flush()
}

const visitorRules = `
project "visitors" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  text "country" {}
}

event "page_viewed" {
  text "path" {}
}

event "guide_read" {}
event "asked" {}
event "won" {}

score "interest" {
  half_life = "14d"

  rule "page" {
    on     = event.page_viewed
    points = 30
  }

  rule "guide" {
    on     = event.guide_read
    points = 30
  }

  rule "asked" {
    on     = event.asked
    points = 20
  }
}

toss_up "hot" {
  when = [
    "score.interest >= 40",
    "lead.country == 'JP'",
  ]

  success {
    on     = event.won
    within = "30d"
  }
}
`

// visitorEvents writes a year of 300 people who come as visitors, are known later,
// and of whom those who ask buy most often. Lines stand in no order.
func visitorEvents(t *testing.T) string {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, 11))
	begin := time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)
	var lines []string
	add := func(at time.Time, who string, more string) {
		lines = append(lines, fmt.Sprintf(`{"messageId":"m%d","timestamp":%q,%s,%s}`, len(lines), at.Format(time.RFC3339Nano), who, more))
	}
	for person := range 300 {
		at := begin.Add(time.Duration(person) * 27 * time.Hour)
		visitor, user := fmt.Sprintf(`"anonymousId":"v%d"`, person), fmt.Sprintf(`"userId":"u%d"`, person)
		step := func() time.Time { at = at.Add(time.Duration(1+rnd.IntN(5000)) * time.Minute); return at }
		for range 1 + rnd.IntN(4) {
			add(step(), visitor, `"type":"page","properties":{"path":"/"}`)
		}
		if person%10 == 0 {
			continue // never known
		}
		add(step(), visitor+","+user, `"type":"identify","traits":{"country":"JP"}`)
		chance := 0.03
		if rnd.IntN(3) == 0 {
			add(step(), user, `"type":"track","event":"guide_read"`)
			chance += 0.1
		}
		if rnd.IntN(3) == 0 {
			add(step(), user, `"type":"track","event":"asked"`)
			chance += 0.5
		}
		if rnd.Float64() < chance {
			add(step(), user, `"type":"track","event":"won"`)
		}
	}
	add(begin.AddDate(0, 0, 420), `"userId":"end"`, `"type":"page","properties":{"path":"/"}`)
	// Within a few days of where they belong.
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i + rnd.IntN(12)
	}
	by := make([]int, len(lines))
	for i := range by {
		by[i] = i
	}
	slices.SortStableFunc(by, func(a, b int) int { return cmp.Compare(order[a], order[b]) })
	var text strings.Builder
	for _, i := range by {
		text.WriteString(lines[i] + "\n")
	}
	name := filepath.Join(t.TempDir(), "events.ndjson")
	write(t, name, text.String())
	return name
}
