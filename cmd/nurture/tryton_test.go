package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// Tryton and nurture are given the scenario of Tryton's own test (a first mail with a
// reminder behind it, opened, clicked, not clicked within two days) and the same
// leads, who open and click when a seed says so. They must do the same for every
// lead at the same second. Tryton does it for one lead at a time, for the reason that
// its driver gives; nurture has all of them at once.
func TestTrytonsScenario(t *testing.T) {
	t.Parallel()
	python := enginetest.Tryton(t)
	bin := buildProgram(t)
	lives := trytonLives()
	want := doneByTryton(t, python, lives)
	got := doneByUs(t, bin, lives)
	for _, life := range lives {
		lead := life[0].Lead
		if got, want := strings.Join(got[lead], "\n  "), strings.Join(want[lead], "\n  "); got != want {
			t.Errorf("%s: %v\nnurture\n  %s\nTryton\n  %s", lead, life, got, want)
		}
	}
	counts := map[string]int{}
	for _, done := range want {
		for _, line := range done {
			activity, _, _ := strings.Cut(line, " ")
			counts[activity]++
		}
	}
	t.Logf("%d leads, in Tryton: %v", len(lives), counts)
	for _, activity := range []string{"first_mail", "reminder", "opened", "clicked", "not_clicked"} {
		if counts[activity] < 5 || activity != "first_mail" && counts[activity] == len(lives) {
			t.Errorf("%s is done %d times: the story shows too little", activity, counts[activity])
		}
	}
}

// trytonLine is what happens to a lead, as Tryton's driver reads it.
type trytonLine struct {
	At    string `json:"at"`
	Lead  string `json:"lead"`
	Do    string `json:"do"` // create, open, click or block
	Email string `json:"email,omitempty"`
}

// trytonLives are the stories of the leads: first those that stand at an edge, told
// by what happens how long after the first mail, then as many by chance.
func trytonLives() [][]trytonLine {
	type step struct {
		after time.Duration
		do    string
	}
	const hour, delay = time.Hour, 48 * time.Hour
	stories := [][]step{
		{},
		{{hour, "open"}},
		{{hour, "click"}},
		{{hour, "open"}, {2 * hour, "click"}},
		{{hour, "click"}, {2 * hour, "open"}},
		{{delay - time.Second, "click"}},
		{{delay, "click"}}, // what is due comes first
		{{delay + time.Second, "click"}},
		{{delay, "open"}},
		{{20 * 24 * hour, "open"}},
		{{hour, "open"}, {2 * hour, "open"}, {3 * hour, "click"}, {4 * hour, "click"}},
		{{hour, "block"}},
		{{hour, "block"}, {2 * hour, "open"}, {3 * hour, "click"}},
		{{hour, "open"}, {delay - time.Second, "block"}},
		{{hour, "click"}, {delay, "block"}, {delay + hour, "open"}},
	}
	draw := rand.New(rand.NewPCG(2026, 11))
	for range 60 {
		var story []step
		for range draw.IntN(4) {
			after := hour + time.Duration(draw.Int64N(int64(4*24*hour))).Truncate(time.Second)
			story = append(story, step{after, []string{"open", "click", "click", "open", "block"}[draw.IntN(5)]})
		}
		slices.SortStableFunc(story, func(a, b step) int { return int(a.after - b.after) })
		stories = append(stories, story)
	}
	var lives [][]trytonLine
	for i, story := range stories {
		lead := fmt.Sprintf("lead%02d", i)
		begin := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * 37 * time.Minute)
		life := []trytonLine{{At: begin.Format(time.RFC3339), Lead: lead, Do: "create", Email: lead + "@example.com"}}
		for _, s := range story {
			life = append(life, trytonLine{At: begin.Add(s.after).Format(time.RFC3339), Lead: lead, Do: s.do})
		}
		lives = append(lives, life)
	}
	// One without an address is not in the scenario.
	return append(lives, []trytonLine{{At: "2026-01-05T09:00:00Z", Lead: "nobody", Do: "create"}})
}

// doneByTryton runs Tryton and gives what was done for each lead, "opened 2026-…".
func doneByTryton(t *testing.T, python string, lives [][]trytonLine) map[string][]string {
	t.Helper()
	var story bytes.Buffer
	for _, life := range lives {
		for _, line := range life {
			if err := json.NewEncoder(&story).Encode(line); err != nil {
				t.Fatal(err)
			}
		}
	}
	done, mails := map[string][]string{}, 0
	for _, o := range outputOf(t, exec.CommandContext(t.Context(), python, "-W", "ignore", filepath.Join("testdata", "tryton", "tryton.py")), &story) {
		if o.Lead != "" {
			done[o.Lead] = append(done[o.Lead], o.Activity+" "+o.At)
		}
		mails += o.Mails
	}
	written := 0
	for _, of := range done {
		slices.Sort(of)
		for _, line := range of {
			if strings.HasPrefix(line, "first_mail ") || strings.HasPrefix(line, "reminder ") {
				written++
			}
		}
	}
	if mails != written {
		t.Errorf("Tryton wrote %d mails in %d activities that write", mails, written)
	}
	return done
}

// doneByUs replays the same for all leads together, in order of time, in our
// workspace.
func doneByUs(t *testing.T, bin string, lives [][]trytonLine) map[string][]string {
	t.Helper()
	lines := slices.Concat(lives...)
	slices.SortStableFunc(lines, func(a, b trytonLine) int { return strings.Compare(a.At, b.At) })
	var events bytes.Buffer
	// Of what happens in one instant, the lesser id comes first.
	write := func(kind, lead, at string, more map[string]any) {
		object := map[string]any{
			"type": kind, "userId": lead, "timestamp": at, "messageId": fmt.Sprintf("m%06d", events.Len()),
		}
		maps.Copy(object, more)
		if err := json.NewEncoder(&events).Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	names := map[string]string{
		"create": "Party Created", "open": "email_opened", "click": "email_clicked", "block": "unsubscribed",
	}
	for _, line := range lines {
		if line.Email != "" {
			write("identify", line.Lead, line.At, map[string]any{"traits": map[string]any{"email": line.Email}})
		}
		write("track", line.Lead, line.At, map[string]any{"event": names[line.Do], "properties": map[string]any{}})
	}
	// The clock stands where the events end, so they end when all is over.
	for _, life := range lives {
		write("track", life[0].Lead, "2026-03-01T00:00:00Z", map[string]any{"event": "Page Read", "properties": map[string]any{}})
	}
	done := map[string][]string{}
	for _, o := range outputOf(t, exec.CommandContext(t.Context(), bin, "replay", filepath.Join("testdata", "tryton"), "--events", "-", "--json"), &events) {
		switch o.Type {
		case "action":
			at, err := time.Parse(time.RFC3339, o.At)
			if err != nil {
				t.Fatal(err)
			}
			done[o.Lead] = append(done[o.Lead], o.Step+" "+at.Format(time.RFC3339))
		case "problem", "fault", "skip":
			t.Errorf("replay says %+v", o)
		}
	}
	for _, of := range done {
		slices.Sort(of)
	}
	return done
}

// trytonOutput is an object that Tryton's driver or `nurture replay` prints.
type trytonOutput struct {
	Lead, At, Activity   string
	Mails                int
	Type, Step, Reason   string
	Rule, Detail, Schema string
}

func outputOf(t *testing.T, cmd *exec.Cmd, in io.Reader) (objects []trytonOutput) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", cmd, err, lastLines(string(out), 5), lastLines(stderr.String(), 15))
	}
	for line := range bytes.Lines(out) {
		var o trytonOutput
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("%s printed %q: %v", cmd, line, err)
		}
		objects = append(objects, o)
	}
	return objects
}
