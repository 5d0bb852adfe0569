package email

import "testing"

// Names stand as people write them; two addresses are never taken for one.
func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Emma Reyes, Harbor Ledger <emma@example.com>": `"Emma Reyes, Harbor Ledger" <emma@example.com>`,
		`"Reyes, Emma" <emma@example.com>`:             `"Reyes, Emma" <emma@example.com>`,
		"emma@example.com":                             `<emma@example.com>`,
		"a@example.com, B <b@example.com>":             "",
		"A <a@example.com>, B <b@example.com>":         "",
		"Emma <not an address>":                        "",
		"Emma <<emma@example.com>>":                    "",
		"Emma, Harbor <X <emma@example.com>>":          "",
		"Emma, Harbor <emma@example.com> x":            "",
	} {
		a, err := parseAddress(text)
		got := ""
		if err == nil {
			got = a.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
