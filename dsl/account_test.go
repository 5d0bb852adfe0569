package dsl

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

const accountRules = `account {
  key = "company"

  text "plan" { default = "free" }

  number "seats" {
    label = "seats"
    name  = "Number of seats"
  }
}

segment "looking" { when = "account.times('pricing_viewed', '14d') >= 3" }
segment "quiet" { when = "account.never('pricing_viewed', '30d') and account.since('pricing_viewed') > 60" }
segment "gold" { when = "account.plan == 'gold' and account.seats >= 10" }

score "company" {
  rule "looks" {
    when   = "account.did('pricing_viewed', '7d')"
    points = 20
  }
}
`

// accountTree is the documentation's small workspace with another account.
func accountTree(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := exampleFS()
	src := string(tree["rules.hcl"].Data)
	at := strings.Index(src, "account {")
	end := at + strings.Index(src[at:], "\n}\n") + 3
	if at < 0 {
		t.Fatal("the small workspace has no account")
	}
	tree["rules.hcl"] = &fstest.MapFile{Data: []byte(src[:at] + src[end:])}
	tree["x.hcl"] = &fstest.MapFile{Data: []byte(accountRules)}
	return tree
}

func loadAccount(t *testing.T) *Workspace {
	t.Helper()
	ws, ds := Load(accountTree(t), Options{})
	if ws == nil {
		t.Fatal(ds.Render())
	}
	return ws
}

// The account block becomes what the engine knows of accounts, and its conditions
// tell exactly when time alone changes them.
func TestAccountCompiles(t *testing.T) {
	t.Parallel()
	ws := loadAccount(t)
	a := ws.Spec.Account
	if a == nil || a.Key != "company" || len(a.Attrs) != 2 || a.Attrs[1].Wire != "Number of seats" || a.Attrs[0].Default.Text() != "free" {
		t.Fatalf("%+v", a)
	}
	if _, err := engine.NewProgram(ws.Spec, ws.Digest, 1); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"gold":    "account.plan account.seats; exact",
		"looking": "account.times:pricing_viewed:14d; account.times:pricing_viewed:14d >= 3; exact",
		"quiet":   "account.since:pricing_viewed account.times:pricing_viewed:30d; account.times:pricing_viewed:30d == 0; account.since:pricing_viewed > 60; exact",
	}
	for _, s := range ws.Spec.Segments {
		if want[s.Name] == "" {
			continue
		}
		var got []string
		for _, k := range s.When[0].Reads() {
			got = append(got, k.String())
			if !strings.HasPrefix(k.Written(), "account.") {
				t.Errorf("%s reads %s", s.Name, k.Written())
			}
		}
		slices.Sort(got)
		line := strings.Join(got, " ")
		list, exact := s.When[0].(engine.Timely).Thresholds()
		for _, th := range list {
			line += "; " + th.Key.String() + " " + th.Op + " " + formatNumber(th.Value)
		}
		if exact {
			line += "; exact"
		}
		if line != want[s.Name] {
			t.Errorf("%s: %s", s.Name, line)
		}
	}
}

// Conditions about accounts can be said.
func TestAccountInWords(t *testing.T) {
	t.Parallel()
	ws := loadAccount(t)
	want := map[string][2]string{
		"looking": {"pricing viewed in the last 14 days at least 3 times, at its account", "アカウント全体で14日以内のpricing viewedが3回以上"},
		"quiet":   {"no pricing viewed in the last 30 days, at its account and more than 60 days since pricing viewed, at its account", "アカウント全体でpricing viewedが30日以内にない、かつアカウント全体でpricing viewedから60日より長い"},
		"gold":    {"plan of its account is 'gold' and seats of its account is at least 10", "アカウントのplanが「gold」、かつアカウントのseatsが10以上"},
	}
	for _, s := range ws.Spec.Segments {
		if w, ok := want[s.Name]; ok {
			if en, ja := Sentence(s.When[0], "en"), Sentence(s.When[0], "ja"); en != w[0] || ja != w[1] {
				t.Errorf("%s: %q, %q", s.Name, en, ja)
			}
		}
	}
}

// An editor offers, explains and finds what there is about accounts.
func TestAccountInAnEditor(t *testing.T) {
	t.Parallel()
	a := Analyse(accountTree(t), Options{})
	for text, want := range map[string]string{
		"segment \"n\" { when = \"account.‸":        "account.plan account.seats account.times account.never account.did account.since",
		"segment \"n\" { when = \"account.times('‸": "pricing_viewed form_submitted",
		"account {\n  key = \"‸\"\n}":               "company email",
	} {
		src, at := marked(t, text)
		got := labels(a.Complete("new.hcl", src, at, "en"))
		for _, w := range strings.Fields(want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %s is not offered, but %v", text, w, got)
			}
		}
	}
	src := []byte(accountRules)
	at := strings.Index(accountRules, "account.plan ==") + len("account.pl")
	if h, ok := a.Hover("x.hcl", src, at, "ja"); !ok || !strings.Contains(h.Text, "アカウントの項目") {
		t.Errorf("hover: %+v", h)
	}
	edits, err := a.Rename("x.hcl", src, at, "contract", "en")
	if err != nil || len(edits) != 2 {
		t.Errorf("renamed at %d places: %v", len(edits), err)
	}
}
