package scaffold

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Whatever is chosen, what comes out is whole: no mark and no placeholder is left,
// the plan is JSON, the Go parses.
func TestFiles(t *testing.T) {
	t.Parallel()
	for _, language := range Languages() {
		for _, inbound := range []bool{false, true} {
			files, err := Files(Options{Name: "sms", Language: language, Inbound: inbound})
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for name, b := range files {
				for _, left := range []string{"bound]]", "[[inbound", "[[outbound", "__NAME__", "__SIGNATURE__"} {
					if name != "channel.binpb" && strings.Contains(string(b), left) {
						t.Errorf("%s: %s holds %s", language, name, left)
					}
				}
				if !strings.HasPrefix(name, "channel.") && !strings.HasPrefix(name, "nurture") || name == "nurture-plugin-sms" {
					all.Write(b)
				}
			}
			var plan map[string]any
			if err := json.Unmarshal(files["conformance.json"], &plan); err != nil || (plan["listen"] != nil) != inbound {
				t.Errorf("%s: conformance.json: %v, %v", language, err, plan)
			}
			if strings.Contains(all.String(), "sms_answered") != inbound {
				t.Errorf("%s: inbound is %v, but the files say otherwise", language, inbound)
			}
			if src, ok := files["main.go"]; ok {
				if _, err := parser.ParseFile(token.NewFileSet(), "main.go", src, parser.AllErrors); err != nil {
					t.Error(err)
				}
			}
		}
	}
}
