package tracking

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// A mail carries a token in two addresses besides its links: in the one it comes
// back to when it cannot be delivered, and in the one it is answered to. There may
// be 64 characters before the @ of an address, and servers on the way may write
// them all in lower case. So this form knows the lead and the message only, in
// letters and digits of one case, and leaves room for "bounces+" before it.
//
// For a tag as the long form has there is no room either. Instead the whole is one
// block of a cipher: who alters one bit of it gets 35 bytes of noise, which are a
// token with a chance of one in sixteen million, of a lead that does not exist.

// AddressSize is how many characters a token for an address has.
const AddressSize = 56

const (
	addressBytes = AddressSize * 5 / 8
	addressLeft  = addressBytes / 2
	addressHead  = addressBytes - 32 // kind and zeros, by which noise is known
	rounds       = 4                 // as many as make a block cipher of good functions (Luby, Rackoff)
)

// Address marks a token that was found in an address.
const Address Kind = 5

var addressCode = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// SealAddress makes the token's text for the address of a mail: who it went to, and
// which message it is. Everything else in t is not read.
func (k *Keys) SealAddress(t Token) string {
	var block [addressBytes]byte
	block[0] = byte(Address)
	copy(block[addressHead:], t.Lead[:])
	copy(block[addressHead+len(t.Lead):], t.Message[:])
	for round := range rounds {
		k.keys[0].mix(&block, round)
	}
	return addressCode.EncodeToString(block[:])
}

// openAddress reads what SealAddress wrote, in any case.
func (k *Keys) openAddress(text string) (Token, error) {
	sealed, err := addressCode.DecodeString(strings.ToLower(text))
	if err != nil || len(sealed) != addressBytes {
		return Token{}, ErrForged
	}
	for i := range k.keys {
		block := [addressBytes]byte(sealed)
		for round := rounds - 1; round >= 0; round-- {
			k.keys[i].mix(&block, round)
		}
		if [addressHead]byte(block[:]) != [addressHead]byte{byte(Address)} {
			continue
		}
		t := Token{Kind: Address}
		copy(t.Lead[:], block[addressHead:])
		copy(t.Message[:], block[addressHead+len(t.Lead):])
		return t, nil
	}
	return Token{}, ErrForged
}

// mix is a round of a Feistel network: one half is covered with what follows from
// the other. Done twice it is undone.
func (k *key) mix(block *[addressBytes]byte, round int) {
	covered, other := block[:addressLeft], block[addressLeft:]
	if round%2 == 1 {
		covered, other = other, covered
	}
	mac := hmac.New(sha256.New, k.mac)
	mac.Write([]byte{'a', version, byte(round)})
	mac.Write(other)
	var sum [sha256.Size]byte
	mac.Sum(sum[:0])
	for i := range covered {
		covered[i] ^= sum[i]
	}
}
