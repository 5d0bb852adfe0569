package dsl

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/engine"
)

// confirmed is a workspace with a double opt-in.
const confirmedWorkspace = `
project "p" { timezone = "Asia/Tokyo" }

lead {
  key = "email"
  text "email" { required = true }
}

consent "news" {
  granted = event.consent_given
  when    = "event.purpose == 'news'"
  revoked = event.unsubscribed
  address = "full"

  confirm {
    subject  = "Please confirm"
    template = "confirm.md"
    when     = "event.source != 'paper'"
    within   = "3d"
    at_most  = 2
  }
}

channel "mail" {
  plugin = "email"
  config {
    host = "smtp.example.jp:587"
    from = "a@example.jp"
  }
}
`

func TestConfirmCompiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"w.hcl":                {Data: []byte(confirmedWorkspace)},
		"templates/confirm.md": {Data: []byte("[確認]({{ confirm_url }}){.button}\n\n[設定]({{ preferences_url }})\n")},
	}
	ws, ds := Load(files, Options{})
	if ws == nil {
		t.Fatalf("the workspace has problems:\n%s", ds.Render())
	}
	c := ws.Spec.Consents[0].Confirm
	if c == nil || c.Send == nil {
		t.Fatal("the consent is not to be confirmed")
	}
	if c.Within != 3*engine.Day || c.AtMost != 2 || c.Again != 10*engine.Minute || len(c.When) != 1 {
		t.Errorf("confirm is %+v", c)
	}
	if s := c.Send; s.Channel != "mail" || s.Kind != "email" || !s.Transactional || s.Lane != engine.LaneTransactional {
		t.Errorf("the mail goes as %+v", s)
	}
	if ws.Spec.Consents[0].Address != "full" {
		t.Errorf("the address is kept %q", ws.Spec.Consents[0].Address)
	}
	for _, kind := range []engine.KeyKind{engine.KeyConfirmURL, engine.KeyPreferencesURL} {
		if !slices.Contains(c.Send.Content.Reads(), engine.Key{Kind: kind}) {
			t.Errorf("the mail does not read fact %d", kind)
		}
	}
	parts, err := c.Send.Content.Render(&engine.Vars{Facts: map[string]any{
		"lead.email": "a@example.jp", engine.ConfirmURL: "https://m.example.jp/t/y/x", engine.PreferencesURL: "https://m.example.jp/t/p/x",
	}})
	if err != nil {
		t.Fatal(err)
	}
	html, _ := engine.Lookup(parts, "html")
	if !strings.Contains(html.Text(), `href="https://m.example.jp/t/y/x"`) || !strings.Contains(html.Text(), `href="https://m.example.jp/t/p/x"`) {
		t.Errorf("the mail is\n%s", html.Text())
	}
}

// Whatever changes the double opt-in makes a revision.
func TestConfirmIsMeaning(t *testing.T) {
	t.Parallel()
	digest := func(source string) string {
		ws, ds := Load(fstest.MapFS{"w.hcl": {Data: []byte(source)}, "templates/confirm.md": {Data: []byte("[x]({{ confirm_url }})")}}, Options{})
		if ws == nil {
			t.Fatal(ds.Render())
		}
		return ws.Digest
	}
	first := digest(confirmedWorkspace)
	for _, change := range [][2]string{{`"3d"`, `"4d"`}, {"at_most  = 2", "at_most  = 3"}, {"'paper'", "'form'"}, {"Please", "Do"}, {`"full"`, `"none"`}} {
		if digest(strings.Replace(confirmedWorkspace, change[0], change[1], 1)) == first {
			t.Errorf("%s → %s makes no revision", change[0], change[1])
		}
	}
}
