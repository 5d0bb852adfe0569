// Package access keeps who may come in: keys that are shown to a server, of which
// it knows the hashes only. A key has a kind and scopes, so that the keys of
// clients that send events and those of people and programs that operate lie in
// one place and are made, replaced and withdrawn in one way.
//
// It knows neither HTTP nor the store: the book is one text, kept by whoever
// opens it.
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The kinds of key.
const (
	Write = "write" // sends events to one source
	API   = "api"   // uses the API and the console
)

// Key is one key without its secret.
type Key struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`             // of a write key: its source
	Scopes  []string  `json:"scopes,omitempty"` // of a write key: the events it may send, none: all; of an API key: see Scopes
	Rate    float64   `json:"rate,omitempty"`   // events a second; 0: as the source says
	Note    string    `json:"note,omitempty"`
	Hash    string    `json:"hash"` // SHA-256 of the secret, in hexadecimal
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"`
	Next    string    `json:"next,omitempty"` // id of the key that takes its place
}

// Valid reports whether the key lets in at an instant.
func (k *Key) Valid(now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires))
}

// Shelf keeps the book: the store's notes.
type Shelf interface {
	Note(name string) ([]byte, error)
	SaveNote(name string, text []byte) error
}

const noteName = "keys"

// maxKeys bounds a book; withdrawn keys leave it after a while.
const maxKeys = 10_000

// keptRevoked is how long a key that does not hold any more stands in the list.
const keptRevoked = 90 * 24 * time.Hour

// Book is all keys. Any goroutine may use it.
type Book struct {
	shelf Shelf

	mu     sync.RWMutex
	keys   []Key
	byHash map[string]int
}

// Open reads the book from its shelf.
func Open(shelf Shelf) (*Book, error) {
	b := &Book{shelf: shelf}
	text, err := shelf.Note(noteName)
	if err != nil {
		return nil, err
	}
	var kept struct {
		Keys []Key `json:"keys"`
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &kept); err != nil {
			return nil, fmt.Errorf("read the keys: %w", err)
		}
	}
	b.set(kept.Keys)
	return b, nil
}

func (b *Book) set(keys []Key) {
	b.keys, b.byHash = keys, make(map[string]int, len(keys))
	for i := range keys {
		b.byHash[keys[i].Hash] = i
	}
}

// save makes keys durable, then lets them hold.
func (b *Book) save(keys []Key) error {
	text, err := json.Marshal(map[string]any{"version": 1, "keys": keys})
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	if err := b.shelf.SaveNote(noteName, text); err != nil {
		return err
	}
	b.set(keys)
	return nil
}

// Errors of the book.
var (
	ErrNoKey   = errors.New("there is no such key")
	ErrGone    = errors.New("the key does not hold any more")
	ErrScope   = errors.New("the scopes are wrong")
	ErrTooMany = fmt.Errorf("there are %d keys already: revoke some", maxKeys)
)

// Create makes a key. The secret is told this once and never again.
func (b *Book) Create(k Key, now time.Time) (made Key, secret string, err error) {
	if err := CheckScopes(k.Kind, k.Scopes); err != nil {
		return Key{}, "", fmt.Errorf("%w: %w", ErrScope, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.create(slices.Clone(b.keys), k, now)
}

func (b *Book) create(keys []Key, k Key, now time.Time) (Key, string, error) {
	keys = slices.DeleteFunc(keys, func(old Key) bool {
		end := old.Revoked
		if end.IsZero() {
			end = old.Expires
		}
		return !end.IsZero() && now.Sub(end) > keptRevoked
	})
	if len(keys) >= maxKeys {
		return Key{}, "", ErrTooMany
	}
	var secret string
	k.ID, secret = newSecret(k.Kind)
	k.Hash, k.Created, k.Revoked, k.Next = hashOf(secret), now.UTC().Truncate(time.Second), time.Time{}, ""
	for i := range keys {
		if keys[i].Next == "+" {
			keys[i].Next = k.ID
		}
	}
	if err := b.save(append(keys, k)); err != nil {
		return Key{}, "", err
	}
	return k, secret, nil
}

// newSecret makes a secret of 160 random bits. What stands before them tells a
// person, and a scanner for secrets, what it is.
func newSecret(kind string) (id, secret string) {
	var random [20]byte
	_, _ = rand.Read(random[:]) // never fails
	text := strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4]), "nurture_" + kind + "_" + text
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Rotate makes a key that takes the place of another: the same in everything but
// its secret. Both hold until the old one's grace is over.
func (b *Book) Rotate(id string, grace time.Duration, now time.Time) (made Key, secret string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keys := slices.Clone(b.keys)
	i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id })
	switch {
	case i < 0:
		return Key{}, "", ErrNoKey
	case !keys[i].Valid(now):
		return Key{}, "", ErrGone
	}
	next := keys[i]
	if end := now.Add(grace).UTC().Truncate(time.Second); keys[i].Expires.IsZero() || end.Before(keys[i].Expires) {
		keys[i].Expires = end
	}
	keys[i].Next = "+"
	return b.create(keys, next, now)
}

// Revoke withdraws a key at once.
func (b *Book) Revoke(id string, now time.Time) (Key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	keys := slices.Clone(b.keys)
	i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, ErrNoKey
	}
	if keys[i].Revoked.IsZero() {
		keys[i].Revoked = now.UTC().Truncate(time.Second)
	}
	if err := b.save(keys); err != nil {
		return Key{}, err
	}
	return keys[i], nil
}

// Keys are all keys of a kind ("" for all), oldest first.
func (b *Book) Keys(kind string) []Key {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := []Key{}
	for _, k := range b.keys {
		if kind == "" || k.Kind == kind {
			out = append(out, k)
		}
	}
	return out
}

// Find gives the key of a kind whose secret this is, if it holds now. Looking a
// hash up tells by its time nothing that helps to find a secret.
func (b *Book) Find(kind, secret string, now time.Time) (Key, bool) {
	if !strings.HasPrefix(secret, "nurture_"+kind+"_") {
		return Key{}, false
	}
	hash := hashOf(secret)
	b.mu.RLock()
	defer b.mu.RUnlock()
	i, known := b.byHash[hash]
	if !known || b.keys[i].Kind != kind || !b.keys[i].Valid(now) {
		return Key{}, false
	}
	return b.keys[i], true
}
