package tracking

import (
	"errors"
	"strings"
	"testing"
)

func addressKeys(t *testing.T, secrets ...string) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const (
	oldSecret = "an old secret of some length"
	newSecret = "a new secret of some length"
)

var letter = Token{Lead: [16]byte{1, 2, 3, 15: 9}, Message: [16]byte{7, 7, 15: 1}}

func TestAddressTokenComesBack(t *testing.T) {
	t.Parallel()
	k := addressKeys(t, oldSecret)
	text := k.SealAddress(letter)
	if len(text) != AddressSize || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		t.Fatalf("%q is nothing for an address", text)
	}
	if len("bounces+"+text) > 64 {
		t.Errorf("%d characters before the @", len("bounces+"+text))
	}
	if again := k.SealAddress(letter); again != text {
		t.Errorf("the same token is %q and %q: a retry would be another mail", text, again)
	}
	for _, way := range []string{text, strings.ToUpper(text)} {
		got, err := k.Open(way)
		if err != nil || got.Kind != Address || got.Lead != letter.Lead || got.Message != letter.Message {
			t.Errorf("opened %+v, %v", got, err)
		}
	}
	rotated := addressKeys(t, newSecret, oldSecret)
	if got, err := rotated.Open(text); err != nil || got.Lead != letter.Lead {
		t.Errorf("after the secret was changed: %+v, %v", got, err)
	}
}

func TestAddressTokenCannotBeMade(t *testing.T) {
	t.Parallel()
	k := addressKeys(t, oldSecret)
	text := k.SealAddress(letter)
	if _, err := addressKeys(t, newSecret).Open(text); !errors.Is(err, ErrForged) {
		t.Errorf("another secret opens it: %v", err)
	}
	for i := range text {
		for _, c := range []byte("abcdefghijklmnopqrstuvwxyz234567") {
			if c == text[i] {
				continue
			}
			altered := text[:i] + string(c) + text[i+1:]
			if got, err := k.Open(altered); err == nil && (got.Lead == letter.Lead || got.Message == letter.Message) {
				t.Fatalf("with character %d changed it still is of the lead or the message", i)
			}
		}
	}
	for _, noise := range []string{"", strings.Repeat("a", AddressSize), strings.Repeat("1", AddressSize), text[1:], text + "a"} {
		if _, err := k.Open(noise); err == nil {
			t.Errorf("%q opens", noise)
		}
	}
	// Two tokens that differ in the last bit share nothing that can be seen.
	other := letter
	other.Message[15] ^= 1
	same := 0
	for i, c := range k.SealAddress(other) {
		if byte(c) == text[i] {
			same++
		}
	}
	if same > 12 {
		t.Errorf("%d of %d characters are the same", same, AddressSize)
	}
}

func BenchmarkSealAddress(b *testing.B) {
	k, err := NewKeys(oldSecret)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = k.SealAddress(letter)
	}
}
