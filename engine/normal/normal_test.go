package normal

import (
	"strings"
	"testing"
	"unicode/utf8"
)

type form interface {
	Name() string
	Normal(string) (string, bool)
}

// Spellings of one thing are one value, and what is none says so.
func TestNormal(t *testing.T) {
	t.Parallel()
	japan := Phone{"JP"}
	for _, c := range []struct {
		form form
		in   string
		want string
		ok   bool
	}{
		{Email{}, " Tanaka@Example.CO.JP ", "tanaka@example.co.jp", true},
		{Email{}, "ｔａｎａｋａ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "tanaka@example.co.jp", true},
		{Email{}, "田中 太郎 <tanaka@例え.jp>", "tanaka@xn--r8jz45g.jp", true},
		{Email{}, "a@BÜCHER.example.", "a@xn--bcher-kva.example", true},
		{Email{}, "a@xn--bcher-kva.example", "a@xn--bcher-kva.example", true},
		{Email{}, "MAILTO:a@example.jp", "a@example.jp", true},
		{Email{}, "a\u200b@example.jp", "a@example.jp", true},
		{Email{}, "tanaka", "tanaka", false},
		{Email{}, "@example.jp", "@example.jp", false},
		{Email{}, "a b@example.jp", "a b@example.jp", false},
		{Email{}, "a@exa mple.jp", "a@exa mple.jp", false},
		{Email{}, "a@-x.jp", "a@-x.jp", false},
		{japan, "03-1234-5678", "+81312345678", true},
		{japan, "０３（１２３４）５６７８", "+81312345678", true},
		{japan, "+81 3 1234 5678", "+81312345678", true},
		{japan, "090 1234 5678", "+819012345678", true},
		{japan, "+1 650-253-0000", "+16502530000", true},
		{japan, "12", "12", false},
		{japan, "the front desk", "the front desk", false},
		{Phone{}, "03-1234-5678", "03-1234-5678", false},
		{Phone{}, "+81 3 1234 5678", "+81312345678", true},
		{Text{}, "　ｶﾌﾞｼｷ ＡＢＣ１２３ ", "カブシキ ABC123", true},
		{Text{}, " \u200b ", "", false},
	} {
		got, ok := c.form.Normal(c.in)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %q is %q %v, not %q %v", c.form.Name(), c.in, got, ok, c.want, c.ok)
		}
	}
	if !KnownRegion("JP") || KnownRegion("XX") {
		t.Error("regions")
	}
}

// What is in its form stays so: whoever brings a value to it twice has it once.
func FuzzNormal(f *testing.F) {
	for _, s := range []string{"a@b.jp", "田中 <a@例え.jp>", "03-1234-5678", "ﾊﾟ", "<<@>>", "mailto:mailto:a@b.c", "+81", strings.Repeat("@", 600)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, form := range []form{Text{}, Email{}, Phone{"JP"}} {
			once, ok := form.Normal(s)
			if !ok {
				continue
			}
			twice, again := form.Normal(once)
			if twice != once || !again || utf8.ValidString(s) && !utf8.ValidString(once) {
				t.Errorf("%s: %q is %q, and that is %q %v", form.Name(), s, once, twice, again)
			}
		}
	})
}
