package httpd

import "testing"

func TestRoughly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"":          {"", ""},
		"45s":       {"45秒", "45s"},
		"3h17m6s":   {"3時間17分", "3h17m"},
		"26h29m42s": {"26時間30分", "26h30m"},
		"75h40m0s":  {"3日4時間", "3d4h"},
	} {
		if ja, en := roughly(japanese, text), roughly(english, text); ja != want[0] || en != want[1] {
			t.Errorf("%q is %q and %q, want %q", text, ja, en, want)
		}
	}
	if got := lengthIn(japanese, "7d"); got != "7日" {
		t.Errorf("7d is %q", got)
	}
}
