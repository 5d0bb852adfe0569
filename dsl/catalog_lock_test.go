package dsl

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const smsLock = `{"schema": "1.0", "plugins": [{"name": "sms", "version": "2.0.0", "sha256": {"linux/amd64": "00"}, "description": {
  "schema": 1, "name": "sms", "version": "2.0.0", "summary": {"en": "Text messages"}, "reach": "system", "keyed": true, "batch_max": 4,
  "concurrency": 4, "timeout_seconds": 30,
  "config": [{"name": "url", "type": "text", "required": true, "summary": {"en": "Where"}}],
  "steps": [{"kind": "sms", "summary": {"en": "A message"}, "attributes": [
    {"name": "text", "type": "text", "required": true, "summary": {"en": "What it says"}}]}]}}]}`

const smsRules = `project "acme" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" { required = true }
}

event "inquired" {}

channel "phone" {
  plugin = "sms"

  config { url = "https://sms.example/v1" }
}

workflow "thanks" {
  enter { on = event.inquired }

  steps {
    sms "thanks" {
      text = "Thank you, {{ lead.email }}"
    }
  }
}
`

// A plugin that is locked is checked like one of ours: its steps and its config.
func TestLockedCatalog(t *testing.T) {
	t.Parallel()
	load := func(rules string) Diagnostics {
		t.Helper()
		files := fstest.MapFS{LockFile: {Data: []byte(smsLock)}, "rules.hcl": {Data: []byte(rules)}}
		c, problems := LockedCatalog(files, "en")
		if problems.HasErrors() || c.find("email") == nil || c.find("sms") == nil {
			t.Fatalf("catalogue %v: %s", c.plugins(), problems.Render())
		}
		_, ds := Load(files, Options{Catalog: c})
		return ds
	}
	if ds := load(smsRules); ds.HasErrors() {
		t.Fatalf("%s", ds.Render())
	}
	if ds := load(strings.Replace(smsRules, "url =", "uri =", 1)); !ds.HasErrors() || !strings.Contains(ds.Render(), "url") {
		t.Errorf("a misspelt setting: %s", ds.Render())
	}
	if ds := load(strings.Replace(smsRules, "  text = \"Thank", "  txt = \"Thank", 1)); !ds.HasErrors() {
		t.Errorf("a misspelt attribute of a step: %s", ds.Render())
	}
	files := fstest.MapFS{"rules.hcl": {Data: []byte(smsRules)}, "more.hcl": {Data: []byte(`channel "mail" { plugin = "email" }`)}}
	if got := NamedPlugins(files); !slices.Equal(got, []string{"email", "sms"}) {
		t.Errorf("named plugins %v", got)
	}
}

// A Loader finds the lock file by itself, as editors need, and sees that it was
// written anew.
func TestLoaderReadsTheLock(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"rules.hcl": {Data: []byte(smsRules)}}
	l := &Loader{}
	if _, ds := l.Load(files, Options{}); !ds.HasErrors() {
		t.Error("a plugin that nothing describes is known")
	}
	files[LockFile] = &fstest.MapFile{Data: []byte(smsLock)}
	if _, ds := l.Load(files, Options{}); ds.HasErrors() {
		t.Errorf("%s", ds.Render())
	}
	delete(files, LockFile)
	if _, ds := l.Load(files, Options{}); !ds.HasErrors() {
		t.Error("the lock file is gone, and what it described is still known")
	}
}

func TestBadLocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"syntax":       {`{`, "unexpected end of JSON input"},
		"schema":       {`{"schema": "7"}`, `it has schema "7"`},
		"a built-in":   {strings.Replace(smsLock, `"schema": 1, "name": "sms"`, `"schema": 1, "name": "email"`, 1), "plugin email is built in"},
		"an old shape": {strings.Replace(smsLock, `"schema": 1`, `"schema": 9`, 1), "has schema 9"},
	} {
		catalog, ds := LockedCatalog(fstest.MapFS{LockFile: {Data: []byte(c.src)}}, "en")
		if catalog != nil || !ds.HasErrors() || !strings.Contains(ds.Render(), c.want) || !strings.Contains(ds.Render(), "nurture plugin lock") {
			t.Errorf("%s: %s", name, ds.Render())
		}
	}
	if c, ds := LockedCatalog(fstest.MapFS{}, "en"); c != nil || ds.HasErrors() {
		t.Errorf("no lock file: %v %s", c, ds.Render())
	}
}
