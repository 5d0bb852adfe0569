package access

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type shelf map[string][]byte

func (s shelf) Note(name string) ([]byte, error)        { return s[name], nil }
func (s shelf) SaveNote(name string, text []byte) error { s[name] = text; return nil }

func TestAKeyLives(t *testing.T) {
	t.Parallel()
	kept := shelf{}
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	b, err := Open(kept)
	if err != nil {
		t.Fatal(err)
	}
	first, secret, err := b.Create(Key{Kind: Write, Name: "web", Scopes: []string{"inquired"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(kept[noteName]), secret) {
		t.Error("the secret lies in the book")
	}
	if _, ok := b.Find(API, secret, now); ok {
		t.Error("a write key opened the API")
	}
	second, newer, err := b.Rotate(first.ID, time.Hour, now)
	if err != nil || second.Name != "web" || len(second.Scopes) != 1 || newer == secret {
		t.Fatalf("rotated to %+v, %v", second, err)
	}
	if b, err = Open(kept); err != nil { // after a restart
		t.Fatal(err)
	}
	for _, c := range []struct {
		secret string
		after  time.Duration
		want   bool
	}{
		{secret, 0, true},
		{newer, 0, true},
		{secret, 59 * time.Minute, true},
		{secret, time.Hour, false},
		{newer, 1000 * time.Hour, true},
		{"", 0, false},
		{"nurture_write_" + secret, 0, false},
	} {
		if _, got := b.Find(Write, c.secret, now.Add(c.after)); got != c.want {
			t.Errorf("after %v found is %v, want %v", c.after, got, c.want)
		}
	}
	if keys := b.Keys(Write); len(keys) != 2 || keys[0].Next != second.ID {
		t.Errorf("the book has %+v", keys)
	}
	if _, err := b.Revoke(second.ID, now); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.Find(Write, newer, now); ok {
		t.Error("a withdrawn key holds")
	}
	if _, _, err := b.Rotate(second.ID, 0, now); !errors.Is(err, ErrGone) {
		t.Errorf("a withdrawn key was rotated: %v", err)
	}
	if _, err := b.Revoke("none", now); !errors.Is(err, ErrNoKey) {
		t.Errorf("revoke of no key: %v", err)
	}
}
