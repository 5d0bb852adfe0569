package email

import (
	"encoding/hex"
	"fmt"
	"net/mail"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// tokenSize is how many characters a token has that stands in an address, and
// maxLocal how many may stand before the @.
const (
	tokenSize = 56
	maxLocal  = 64
)

// returnAddress is an address of ours that mails come back to. A token stands
// behind its name: bounces+TOKEN@example.com.
type returnAddress struct {
	local, domain, separator string
}

// withToken is the address for one mail. A nil returnAddress is otherwise; without
// a token it is the bare address.
func (a *returnAddress) withToken(token string, otherwise *mail.Address) *mail.Address {
	switch {
	case a == nil:
		return otherwise
	case len(token) != tokenSize || !isToken(token):
		return &mail.Address{Address: a.local + "@" + a.domain}
	}
	return &mail.Address{Address: a.local + a.separator + token + "@" + a.domain}
}

func isToken(s string) bool {
	return len(s) == tokenSize && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// tokenIn is the token that stands in an address, "" for none. It is found behind
// any separator, so that the setting can be changed while mails are under way.
func tokenIn(address string) string {
	local, _, _ := cutLast(strings.ToLower(address), "@")
	if len(local) <= tokenSize || strings.Trim(local[len(local)-tokenSize-1:len(local)-tokenSize], "+-=_.") != "" {
		return ""
	}
	if token := local[len(local)-tokenSize:]; isToken(token) {
		return token
	}
	return ""
}

// keyIn is the key of the action that a Message-ID of ours carries, "" for none.
func (s *settings) keyIn(id string) string {
	key, domain, _ := cutLast(id, "@")
	if raw, err := hex.DecodeString(key); err != nil || len(raw) != 16 || !strings.EqualFold(domain, domainOf(s.from.Address)) {
		return ""
	}
	return strings.ToLower(key)
}

func (s *settings) readReturns(cfg channel.Config) channel.Diagnostics {
	var ds channel.Diagnostics
	read := func(path string) *returnAddress {
		if !cfg.Has(path) {
			return nil
		}
		a, err := parseAddress(cfg.Text(path))
		if err != nil {
			ds = append(ds, badAddress(path, err))
			return nil
		}
		local, domain, _ := cutLast(a.Address, "@")
		r := &returnAddress{local, domain, cfg.Text("separator")}
		if most := maxLocal - tokenSize - len(r.separator); len(local) > most {
			ds = append(ds, channel.Wrong(path,
				channel.Text{En: "Address too long", Ja: "アドレスが長すぎます"},
				channel.Text{
					En: fmt.Sprintf("%s: before the @ there may be %d characters at most, because a token of %d goes behind them; write for example bounces@ or b@", path, most, tokenSize),
					Ja: fmt.Sprintf("%s の @ の前は %d 文字までです（後ろに %d 文字のトークンが付きます）。たとえば bounces@ や b@ と書きます", path, most, tokenSize),
				}))
		}
		return r
	}
	s.bounces, s.replies = read("bounces"), read("replies")
	return ds
}
