package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/workflows"
)

// outcomesRules are the English starter with what testdata/outcomes adds to it, and
// with channels that stay on this machine.
func outcomesRules(t *testing.T, mailbox string, now time.Time) string {
	t.Helper()
	dir := t.TempDir()
	starter, err := workflows.Open("document-request-en")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, starter); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "tests")); err != nil {
		t.Fatal(err)
	}
	change := func(name string, edits ...string) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for i := 0; i < len(edits); i += 2 {
			changed := regexp.MustCompile(edits[i]).ReplaceAllLiteralString(text, edits[i+1])
			if changed == text {
				t.Fatalf("%s has no %s", name, edits[i])
			}
			text = changed
		}
		write(t, filepath.Join(dir, name), text)
	}
	change("contact.hcl", `host +=.*`, `host = "`+mailbox+`"
    tls      = "none"`, `password = .*\n`, "", `url +=.*`, `url = "http://127.0.0.1:9/"
    allow_private = true`)
	extra, err := os.ReadFile(filepath.Join("testdata", "outcomes", "outcomes.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "outcomes.hcl"), strings.NewReplacer(
		"PAPER_FOLDER", t.TempDir(),
		"FUNNEL_PERIOD", now.AddDate(-1, 0, 0).Format(time.DateOnly)+" to "+now.AddDate(0, 3, 0).Format(time.DateOnly),
	).Replace(string(extra)))
	return dir
}

// life is a recorded stream of events.
type life struct {
	now    time.Time
	events []map[string]any
}

// add records that something happened so many days ago to the people from one number
// to before another of a cast: "b", 3, 5 are b03 and b04.
func (l *life) add(cast string, from, to int, daysAgo float64, call map[string]any) {
	for i := from; i < to; i++ {
		user := fmt.Sprintf("%s%02d", cast, i)
		e := map[string]any{
			"messageId": fmt.Sprintf("%s-%v-%d", user, daysAgo, len(l.events)), "userId": user, "type": "track",
			"timestamp": l.now.Add(-time.Duration(daysAgo * float64(24*time.Hour))).Format(time.RFC3339),
		}
		for k, v := range call {
			e[k] = v
		}
		if p, ok := call["properties"].(map[string]any); ok && p["message"] != nil {
			own := map[string]any{}
			for k, v := range p {
				own[k] = v
			}
			own["message"] = fmt.Sprint(p["message"], "-", user)
			e["properties"] = own
		}
		if call["type"] == "identify" {
			traits := map[string]any{"email": user + "@example.com", "created_at": e["timestamp"]}
			for k, v := range call["traits"].(map[string]any) {
				traits[k] = v
			}
			e["traits"] = traits
		}
		l.events = append(l.events, e)
	}
}

func tracked(event string, properties ...any) map[string]any {
	p := map[string]any{}
	for i := 0; i < len(properties); i += 2 {
		p[properties[i].(string)] = properties[i+1]
	}
	return map[string]any{"event": event, "properties": p}
}

// of the letter: what the mail channel would report.
func letter(event string, properties ...any) map[string]any {
	return tracked(event, append([]any{"workflow", "letter", "step", "issue", "channel", "mail", "message", "m"}, properties...)...)
}

// by says which program opened or clicked.
func by(call map[string]any, agent string) map[string]any {
	call["context"] = map[string]any{"userAgent": agent}
	return call
}

const (
	personAgent  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
	scannerAgent = "Mozilla/5.0 (compatible; Mimecast scanner)"
)

// outcomesLife is a year of a small company. The numbers that the tests expect are
// counted from these lines, by hand.
func outcomesLife(now time.Time) []map[string]any {
	l := &life{now: now}
	who := func(cast string, n int, daysAgo float64, traits map[string]any) {
		l.add(cast, 0, n, daysAgo, map[string]any{"type": "identify", "traits": traits})
	}
	consent := tracked("consent_given", "purpose", "marketing", "wording", "I want mail")
	inquiry, request := tracked("form_submitted", "form", "inquiry"), tracked("form_submitted", "form", "document_request")

	who("c", 10, 201, map[string]any{}) // who was written to long ago
	l.add("c", 0, 10, 200, letter("email_delivered"))
	l.add("c", 0, 2, 195, tracked("opportunity_created"))
	l.add("c", 0, 1, 190, tracked("deal_won"))

	who("a", 20, 151, map[string]any{}) // who asked in spring
	l.add("a", 0, 20, 150, letter("email_delivered"))
	l.add("a", 0, 10, 145, inquiry)
	l.add("a", 0, 6, 144, tracked("toss_up_accepted", "toss_up", "inquiry"))
	l.add("a", 6, 8, 144, tracked("toss_up_rejected", "toss_up", "inquiry", "reason", "no_budget"))
	l.add("a", 0, 5, 140, tracked("appointment_made"))
	l.add("a", 0, 4, 135, tracked("opportunity_created"))
	l.add("a", 0, 2, 120, tracked("deal_won"))

	who("b", 30, 41, map[string]any{}) // who came lately
	l.add("b", 0, 7, 40.5, map[string]any{"type": "identify", "traits": map[string]any{"employees": 200, "industry": "software"}})
	l.add("b", 0, 30, 40, map[string]any{"type": "page", "properties": map[string]any{"path": "/", "dwell_seconds": 5}})
	l.add("b", 0, 24, 39, consent)
	l.add("b", 0, 20, 20, letter("email_delivered"))
	l.add("b", 0, 12, 19.9, by(letter("email_opened"), personAgent))
	l.add("b", 12, 15, 19.9, by(letter("email_opened"), scannerAgent))
	l.add("b", 0, 3, 19.8, by(letter("email_clicked", "link", "https://example.com/price", "link_class", "price"), personAgent))
	l.add("b", 3, 8, 19.8, by(letter("email_clicked", "link", "https://example.com/case", "link_class", "case"), personAgent))
	l.add("b", 15, 17, 19.8, by(letter("email_clicked", "link", "https://example.com/case", "link_class", "case"), scannerAgent))
	l.add("b", 0, 2, 19.5, letter("email_replied"))
	l.add("b", 19, 20, 19.5, letter("unsubscribed"))
	l.add("b", 0, 5, 19, request)
	l.add("b", 20, 22, 10, inquiry)
	l.add("b", 0, 1, 5, tracked("deal_won"))

	who("d", 40, 42, map[string]any{}) // whom the campaign is for
	l.add("d", 0, 40, 41, consent)
	l.add("d", 0, 40, 40, tracked("campaign_joined"))
	l.add("d", 0, 10, 39, tracked("trial_started"))

	who("e", 5, 3, map[string]any{"first_name": "Kim"}) // who gets paper
	l.add("e", 0, 5, 2.5, consent)
	l.add("e", 0, 5, 2, tracked("paper_wanted"))

	who("f", 5, 1, map[string]any{}) // who wants to be called
	l.add("f", 0, 5, 0.01, tracked("callback_wanted"))
	slices.SortStableFunc(l.events, func(a, b map[string]any) int {
		return strings.Compare(a["timestamp"].(string), b["timestamp"].(string))
	})
	return l.events
}

// outcomesWorld is a running server with the year in it, which the caller stops.
func outcomesWorld(t *testing.T, bin string) *served {
	t.Helper()
	box, err := demo.NewMailbox(demo.MailboxOptions{Clock: runner.SystemClock()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- box.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	now := time.Now().UTC()
	s := startServer(t, bin, outcomesRules(t, box.Addr(), now), filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	for batch := range slices.Chunk(outcomesLife(now), 100) {
		s.sendBatch(t, batch)
	}
	return s
}

// sendBatch sends events in one call.
func (s *served) sendBatch(t *testing.T, batch []map[string]any) {
	t.Helper()
	b, err := json.Marshal(map[string]any{"batch": batch})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/batch", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(webKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Refused int }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || answer.Refused != 0 {
		t.Fatalf("a batch was answered with %d, %d refused: %v", resp.StatusCode, answer.Refused, err)
	}
}
