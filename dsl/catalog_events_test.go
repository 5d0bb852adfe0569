package dsl

import (
	"testing"
	"testing/fstest"
)

// What a channel's plugin reports is an event like any other, and is unknown where
// no channel brings it.
func TestEventsOfPlugins(t *testing.T) {
	t.Parallel()
	const rules = `project "p" {
  timezone = "Asia/Tokyo"
}

lead {
  key = "email"

  text "email" { required = true }
  text "line_id" {}
}

score "interest" {
  range = [0, 100]

  rule "tapped" {
    on     = event.line_clicked
    when   = "event.button == '資料がほしい'"
    points = 10
  }
}
`
	const line = `
channel "line" {
  plugin = "line"

  config { token = secret("LINE_TOKEN") }
}
`
	_, ds := Load(fstest.MapFS{"rules.hcl": {Data: []byte(rules)}}, Options{})
	if len(ds.Items) == 0 || ds.Items[0].Code != codeUnknownRef {
		t.Errorf("without the channel:\n%s", ds.Render())
	}
	ws, ds := Load(fstest.MapFS{"rules.hcl": {Data: []byte(rules + line)}}, Options{})
	if ws == nil || ds.Count(Error)+ds.Count(Warning) != 0 {
		t.Errorf("with the channel:\n%s", ds.Render())
	}
}
