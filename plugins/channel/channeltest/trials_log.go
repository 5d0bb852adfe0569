package channeltest

import (
	"encoding/json"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// keepsStdoutClean looks at the whole life of a process: what is printed besides
// the handshake is lost at best.
func keepsStdoutClean(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	x.doOne()
	x.leave()
	if noise := x.stdout.String(); noise != "" {
		t.Fatalf("it printed on standard output after its handshake: %q; log on standard error", cutTo(noise, 200))
	}
	return done
}

// writesSoundLines looks for what would end a host that reads standard error the
// customary way, JSON whose "@message", "@level" or "@timestamp" is no text; and
// for what nobody may log.
func writesSoundLines(t T, p *Plan, d channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	x.doOne()
	x.leave()
	written := x.stderr.String()
	for line := range strings.Lines(written) {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) != nil {
			continue
		}
		for _, name := range []string{"@message", "@level", "@timestamp"} {
			if v, ok := object[name]; ok {
				if _, isText := v.(string); !isText {
					t.Errorf("a line of JSON has %s = %v (%T), it must be a text", name, v, v)
				}
			}
		}
	}
	for _, part := range p.Parts(1) {
		for _, text := range textsOf(part.Value) {
			if len(text) >= 8 && strings.Contains(written, text) {
				t.Errorf("it wrote what the part %q holds to its log: that is personal data", part.Name)
			}
		}
	}
	for _, secret := range d.Secrets(p.Config) {
		if len(secret) >= 4 && strings.Contains(written, secret) {
			t.Errorf("it wrote a sensitive value of its config to its log")
		}
	}
	return done
}

// textsOf are the texts in the value of a part.
func textsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case json.RawMessage:
		var inside any
		if json.Unmarshal(v, &inside) == nil {
			return textsOf(inside)
		}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, textsOf(item)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, item := range v {
			all = append(all, textsOf(item)...)
		}
		return all
	}
	return nil
}

func cutTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
