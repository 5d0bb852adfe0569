package engine

import (
	"testing"

	"golang.org/x/text/width"
)

func TestOneWidth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":             "",
		"Acme 株式会社":    "Acme 株式会社",
		"Ａｃｍｅ　１２３－（株）": "Acme 123-(株)",
		"ｶﾌﾞｼｷｶﾞｲｼｬ":   "カブシキガイシャ",
		"ﾊﾟｰﾄﾅｰ｡｢ｳﾞｨｱ｣": "パートナー。「ヴィア」",
		"ﾅﾞ ｱﾟ ﾞ":       "ナ゛ ア゜ ゛",
		"カナ と kana":     "カナ と kana",
		"㈱①":            "㈱①",
		"ｶ":             "カ",
		"ﾎﾟ ﾎﾞ ﾎ ﾄﾞ ﾄ ﾂﾞ ﾂ": "ポ ボ ホ ド ト ヅ ツ",
	} {
		if got := oneWidth(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// TestOneWidthIsUnicodes: each letter alone becomes what Unicode's table says.
func TestOneWidthIsUnicodes(t *testing.T) {
	t.Parallel()
	for r := '｡'; r <= 'ﾟ'; r++ {
		if got, want := oneWidth(string(r)), width.Widen.String(string(r)); got != want && r < 'ﾞ' {
			t.Errorf("%q becomes %q, want %q", r, got, want)
		}
	}
	for r := '！'; r <= '～'; r++ {
		if got, want := oneWidth(string(r)), width.Narrow.String(string(r)); got != want {
			t.Errorf("%q becomes %q, want %q", r, got, want)
		}
	}
}

func TestConvertNormalises(t *testing.T) {
	t.Parallel()
	spec := &AttrSpec{Name: "rank", Kind: Text, Choices: []string{"A", "B"}, Normalize: true}
	if v, ok := convert(TextValue("Ａ"), spec); !ok || v.Text() != "A" {
		t.Errorf("%v, %v", v, ok)
	}
	spec.Normalize = false
	if v, ok := convert(TextValue("Ａ"), spec); ok {
		t.Errorf("%v is taken as it came", v)
	}
}
