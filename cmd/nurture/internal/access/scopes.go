package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The scopes of an API key, each with what it lets do. Metrics is the least; read
// has it; operate, rules and people each have read; admin has all.
const (
	Metrics = "metrics" // the metrics, and nothing else
	Read    = "read"    // figures, rules, state: nothing about a person, and nothing changes
	Operate = "operate" // pauses, what could not be sent or taken, answers of sales
	Rules   = "rules"   // which rules are in force
	People  = "people"  // what is known about a person, and what is said about one
	Admin   = "admin"   // keys and the audit log, and all of the others
)

// Scopes are all scopes of API keys, the least first.
func Scopes() []string { return []string{Metrics, Read, Operate, Rules, People, Admin} }

// May reports whether scopes let do what needs one.
func May(scopes []string, need string) bool {
	for _, has := range scopes {
		switch {
		case has == need || has == Admin:
			return true
		case need == Metrics && slices.Contains(Scopes(), has):
			return true
		case need == Read && has != Metrics && slices.Contains(Scopes(), has):
			return true
		}
	}
	return false
}

// CheckScopes tells what is wrong with the scopes of a key of a kind.
func CheckScopes(kind string, scopes []string) error {
	if kind != API {
		return nil // a write key's are events, and their names are the workspace's
	}
	if len(scopes) == 0 {
		return fmt.Errorf("an API key needs a scope: %s", strings.Join(Scopes(), ", "))
	}
	for _, s := range scopes {
		if !slices.Contains(Scopes(), s) {
			return fmt.Errorf("there is no scope %q; there are: %s", s, strings.Join(Scopes(), ", "))
		}
	}
	return nil
}

// Any reports whether some key of a kind holds now.
func (b *Book) Any(kind string, now time.Time) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for i := range b.keys {
		if b.keys[i].Kind == kind && b.keys[i].Valid(now) {
			return true
		}
	}
	return false
}

// Key is the key of an id, if it holds now.
func (b *Book) Key(id string, now time.Time) (Key, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for i := range b.keys {
		if b.keys[i].ID == id && b.keys[i].Valid(now) {
			return b.keys[i], true
		}
	}
	return Key{}, false
}
