package tracking

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

const secret, older = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

func keysOf(t testing.TB, secrets ...string) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func click() Token {
	return Token{
		Kind: Click, Lead: [16]byte{1, 2}, Message: [16]byte{3, 4}, Channel: "mail", Workflow: "onboarding",
		Step: "welcome", Topic: "news", Class: "case_study", URL: "https://www.example.co.jp/cases?id=7",
	}
}

func anyToken(t *rapid.T) Token {
	name := rapid.StringN(0, 50, MaxName)
	tok := Token{
		Kind:    rapid.SampledFrom([]Kind{Click, Open, Unsubscribe, Trap}).Draw(t, "kind"),
		Channel: name.Draw(t, "channel"), Workflow: name.Draw(t, "workflow"), Step: name.Draw(t, "step"),
		Topic: name.Draw(t, "topic"), Class: name.Draw(t, "class"),
	}
	copy(tok.Lead[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "lead"))
	copy(tok.Message[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "message"))
	if tok.Kind == Click || tok.Kind == Trap {
		tok.URL = "https://example.com/" + rapid.StringMatching(`[a-z0-9/?=&%20-]{0,80}`).Filter(func(s string) bool {
			return Trackable("https://example.com/" + s)
		}).Draw(t, "path")
	}
	return tok
}

// What is sealed is opened as it was, under the current key and after a rotation,
// always to the same text, and in the letters of an address.
func TestSealedTokenOpensAsItWas(t *testing.T) {
	t.Parallel()
	before, after := keysOf(t, older), keysOf(t, secret, older)
	rapid.Check(t, func(t *rapid.T) {
		tok := anyToken(t)
		text, err := before.Seal(tok)
		if err != nil {
			t.Fatalf("seal %+v: %v", tok, err)
		}
		if again, _ := before.Seal(tok); again != text {
			t.Fatal("the same token has two addresses")
		}
		if len(text) > MaxSealed || strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Fatalf("the sealed text is %q", text)
		}
		for _, keys := range []*Keys{before, after} {
			if got, err := keys.Open(text); err != nil || got != tok {
				t.Fatalf("opened %+v, %v; it was %+v", got, err, tok)
			}
		}
		if renewed, _ := after.Seal(tok); renewed == text {
			t.Fatal("after the rotation the old key still seals")
		}
	})
}

// Whatever is changed, one bit or many, nothing opens.
func TestChangedTokenDoesNotOpen(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, secret, older)
	text, err := keys.Seal(click())
	if err != nil {
		t.Fatal(err)
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range text {
		for _, other := range letters {
			if byte(other) == text[i] {
				continue
			}
			changed := text[:i] + string(other) + text[i+1:]
			if got, err := keys.Open(changed); err == nil {
				t.Fatalf("with character %d changed to %c it opens as %+v", i, other, got)
			}
		}
	}
	for _, wrong := range []string{"", "A", text[:len(text)-1], text[1:], text + "A", text + "=", text + "\n", strings.Repeat("A", MaxSealed+1), text[:28] + text[:28]} {
		if got, err := keys.Open(wrong); !errors.Is(err, ErrForged) && !errors.Is(err, ErrKey) {
			t.Errorf("%.40q opens as %+v, %v", wrong, got, err)
		}
	}
	if _, err := keysOf(t, older).Open(text); !errors.Is(err, ErrKey) {
		t.Errorf("without its key the answer is %v", err)
	}
}

// An address tells nobody else anything: neither the target nor the names nor the
// lead can be read in it, and two messages to one lead have nothing in common but
// the name of the key.
func TestAddressTellsNothing(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, secret)
	one, two := click(), click()
	two.Message[15]++
	a, errA := keys.Seal(one)
	b, errB := keys.Seal(two)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	if same > 10 {
		t.Errorf("two tokens begin with the same %d characters:\n%s\n%s", same, a, b)
	}
}

func TestTokensOutOfBounds(t *testing.T) {
	t.Parallel()
	change := func(f func(*Token)) Token {
		tok := click()
		f(&tok)
		return tok
	}
	for name, tok := range map[string]Token{
		"no kind":            change(func(t *Token) { t.Kind = 0 }),
		"an unknown kind":    change(func(t *Token) { t.Kind = 99 }),
		"a long name":        change(func(t *Token) { t.Step = strings.Repeat("x", MaxName+1) }),
		"no text":            change(func(t *Token) { t.Class = "\xff" }),
		"no target":          change(func(t *Token) { t.URL = "" }),
		"a long target":      change(func(t *Token) { t.URL = "https://example.com/" + strings.Repeat("x", MaxURL) }),
		"a script":           change(func(t *Token) { t.URL = "javascript:alert(1)" }),
		"a relative target":  change(func(t *Token) { t.URL = "//example.com/" }),
		"a line break":       change(func(t *Token) { t.URL = "https://example.com/\r\nSet-Cookie:a=b" }),
		"an open that leads": change(func(t *Token) { t.Kind = Open }),
		"a way out to a URL": change(func(t *Token) { t.Kind = Unsubscribe }),
	} {
		if text, err := keysOf(t, secret).Seal(tok); err == nil {
			t.Errorf("%s is sealed to %s", name, text)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][]string{
		"none": nil, "a short one": {"short"}, "an empty older one": {secret, ""}, "the same twice": {secret, secret},
	} {
		if _, err := NewKeys(secrets...); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error quotes a secret", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	keys := keysOf(f, secret, older)
	text, err := keys.Seal(click())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, s string) {
		tok, err := keys.Open(s)
		if err != nil {
			return
		}
		if again, err := keys.Seal(tok); err != nil || again != s {
			t.Errorf("%q opens, and is sealed again to %q, %v", s, again, err)
		}
	})
}
