// Package tracking makes the addresses in a mail that lead back to us, and reads
// them again: links, the pixel that tells of an open, the way out.
//
// An address carries everything that is to be known when it is asked for: whose
// message it stands in and where it leads. Nothing is looked up, so that a link
// works for as long as its key is kept, whatever became of the rules and the lead.
// A Token is sealed, not only signed: nobody else can make one, nobody else can
// read one, and the target is inside, so that the server redirects nowhere but to
// where a mail of ours led. Equal tokens seal to equal addresses, because a retry
// has to be the same mail.
//
// The renderer seals and the server opens with the same few lines. The package has
// no clock and no randomness, and knows neither HTTP nor the engine.
package tracking

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Kind says what an address is for. The numbers stand in mails, and never change.
type Kind uint8

// The kinds.
const (
	Click       Kind = 1 // a link of the mail
	Open        Kind = 2 // the pixel
	Unsubscribe Kind = 3 // the way out, with the choice of topics
	Trap        Kind = 4 // a link that no person sees
)

// Token is what an address carries.
type Token struct {
	Kind     Kind
	Lead     [16]byte // the lead's internal id
	Message  [16]byte // the key of the action that sent the message
	Channel  string
	Workflow string
	Step     string
	Topic    string // what the message is about, "" for no topic
	Class    string // of a link: what it stands in the file as, {.case_study}
	URL      string // where a Click or a Trap leads
}

// Bounds of a token. What is longer has no address of ours: a link then stays the
// author's own.
const (
	MaxURL    = 2048 // bytes of the target
	MaxName   = 200  // bytes of each of the other texts
	MaxSealed = 4400 // characters of a sealed token
)

// The errors of Open. They quote nothing of what was given.
var (
	// ErrForged: nobody of ours has made it, or it was damaged on its way.
	ErrForged = errors.New("the address is not one of ours, or it is incomplete")
	// ErrKey: it was sealed with a key that is not kept any more.
	ErrKey = errors.New("the key of the address is not kept any more")
)

// MinSecret is how long a secret is at least, in bytes.
const MinSecret = 16

// Keys seals with the newest of its secrets and opens with all of them. It does
// not change after it was made, and is safe for concurrent use.
type Keys struct{ keys []key }

// key is what follows from a secret. Its id names it in every address; it is a
// hash, so nobody has to number secrets.
type key struct {
	id  [idSize]byte
	mac []byte
	enc cipher.Block
}

const (
	version = 1
	idSize  = 4
	tagSize = 16
	head    = 1 + idSize + tagSize
)

// NewKeys takes the secrets, the current one first. An older one is kept for as
// long as the links of its mails should work.
func NewKeys(secrets ...string) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("make tracking keys: there is no secret")
	}
	k := &Keys{}
	for i, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("make tracking keys: secret number %d has %d bytes; write at least %d, for example what `openssl rand -hex 32` prints", i+1, len(secret), MinSecret)
		}
		made, err := newKey(secret)
		if err != nil {
			return nil, err
		}
		for _, other := range k.keys {
			if other.id == made.id {
				return nil, fmt.Errorf("make tracking keys: secret number %d is there twice", i+1)
			}
		}
		k.keys = append(k.keys, made)
	}
	return k, nil
}

func newKey(secret string) (key, error) {
	derive := func(use string) []byte {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("nurture tracking " + use))
		return mac.Sum(nil)
	}
	block, err := aes.NewCipher(derive("encrypt"))
	if err != nil {
		return key{}, fmt.Errorf("make a tracking key: %w", err)
	}
	return key{id: [idSize]byte(derive("name")), mac: derive("sign"), enc: block}, nil
}

// Seal makes the token's text for an address, of letters, digits, - and _. It
// fails where Check does.
//
// The tag is a HMAC-SHA256 of the content and at the same time the nonce with which
// the content is encrypted (the manner of SIV): without randomness, and yet two
// different tokens never share a nonce.
func (k *Keys) Seal(t Token) (string, error) {
	if err := t.Check(); err != nil {
		return "", err
	}
	plain := t.encode()
	current := &k.keys[0]
	sealed := make([]byte, head+len(plain))
	sealed[0] = version
	copy(sealed[1:], current.id[:])
	tag := current.tag(plain)
	copy(sealed[1+idSize:], tag[:])
	cipher.NewCTR(current.enc, tag[:]).XORKeyStream(sealed[head:], plain)
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open reads what Seal and SealAddress wrote. The errors are ErrForged and ErrKey.
func (k *Keys) Open(text string) (Token, error) {
	if len(text) == AddressSize {
		return k.openAddress(text)
	}
	if len(text) > MaxSealed || strings.ContainsAny(text, "\r\n") { // package base64 would pass over them
		return Token{}, ErrForged
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) <= head || sealed[0] != version {
		return Token{}, ErrForged
	}
	for i := range k.keys {
		if key := &k.keys[i]; key.id == [idSize]byte(sealed[1:]) {
			return key.open(sealed)
		}
	}
	return Token{}, ErrKey
}

func (k *key) open(sealed []byte) (Token, error) {
	tag := sealed[1+idSize : head]
	plain := make([]byte, len(sealed)-head)
	cipher.NewCTR(k.enc, tag).XORKeyStream(plain, sealed[head:])
	want := k.tag(plain)
	if !hmac.Equal(want[:], tag) {
		return Token{}, ErrForged
	}
	t, ok := decode(plain)
	if !ok || t.Check() != nil {
		return Token{}, ErrForged
	}
	return t, nil
}

func (k *key) tag(plain []byte) [tagSize]byte {
	mac := hmac.New(sha256.New, k.mac)
	mac.Write([]byte{version})
	mac.Write(plain)
	return [tagSize]byte(mac.Sum(nil))
}

// Check says what is wrong with a token that Seal would refuse.
func (t *Token) Check() error {
	if !t.Kind.known() {
		return fmt.Errorf("tracking token: there is no kind %d", t.Kind)
	}
	for _, text := range t.names() {
		if len(*text) > MaxName || !utf8.ValidString(*text) {
			return fmt.Errorf("tracking token: a name is longer than %d bytes or no text", MaxName)
		}
	}
	if leads := t.Kind == Click || t.Kind == Trap; !leads && t.URL != "" || leads && !Trackable(t.URL) {
		return fmt.Errorf("tracking token: the target is no web address of at most %d bytes", MaxURL)
	}
	return nil
}

// Trackable reports whether a link can be led through us: a whole web address, not
// too long. mailto:, tel:, anchors and whatever else is left as it stands.
func Trackable(address string) bool {
	if len(address) > MaxURL || !utf8.ValidString(address) || strings.ContainsFunc(address, isControl) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func isControl(r rune) bool { return r <= ' ' || r == 0x7f }

// names are the short texts, in the order in which they are written.
func (t *Token) names() [5]*string {
	return [5]*string{&t.Channel, &t.Workflow, &t.Step, &t.Topic, &t.Class}
}

func (t *Token) encode() []byte {
	b := make([]byte, 0, 64+len(t.URL))
	b = append(b, byte(t.Kind))
	b = append(b, t.Lead[:]...)
	b = append(b, t.Message[:]...)
	for _, text := range t.names() {
		b = binary.AppendUvarint(b, uint64(len(*text)))
		b = append(b, *text...)
	}
	return append(b, t.URL...)
}

func decode(b []byte) (t Token, ok bool) {
	if len(b) < 1+len(t.Lead)+len(t.Message) {
		return t, false
	}
	t.Kind, b = Kind(b[0]), b[1:]
	b = b[copy(t.Lead[:], b):]
	b = b[copy(t.Message[:], b):]
	for _, text := range t.names() {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return t, false
		}
		*text, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	t.URL = string(b)
	return t, true
}
