package normal

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// maxLength bounds what is looked at: nothing longer is an address or a number.
const maxLength = 512

// Text is the form in which two spellings of one identifier are equal: NFKC
// (half-width kana, full-width letters and digits), without the white space around
// it and without characters that nobody sees.
type Text struct{}

// Name names the form in a revision's digest.
func (Text) Name() string { return "text" }

// Normal gives the form; ok is false for a text that has nothing in it.
func (Text) Normal(s string) (string, bool) {
	s = plain(s)
	return s, s != "" && len(s) <= maxLength
}

func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	return strings.TrimSpace(s)
}

// Email is the form of a mail address: small letters, the domain in the name
// system's own writing (IDNA: müller.de is xn--mller-kva.de), without a name or
// brackets around it.
type Email struct{}

// Name names the form in a revision's digest.
func (Email) Name() string { return "email" }

// domains is how a domain is looked up: it takes what browsers take.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(true))

// Normal gives the form; ok is false for what is no address.
func (Email) Normal(s string) (string, bool) {
	s = plain(s)
	if len(s) > maxLength {
		return s, false
	}
	address := s
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") {
		address = s[open+1 : len(s)-1]
	}
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return s, false
	}
	local, domain := address[:at], strings.TrimSuffix(address[at+1:], ".")
	domain, err := domains.ToASCII(domain)
	if err != nil || domain == "" || strings.ContainsFunc(local, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>(),;:"[]\`, r) }) {
		return s, false
	}
	return strings.ToLower(local) + "@" + domain, true
}

// Phone is the form of a telephone number: E.164, +81312345678. Region is where a
// number is dialled that says no country, "JP" for instance; "" knows only numbers
// that say theirs.
type Phone struct{ Region string }

// Name names the form in a revision's digest.
func (p Phone) Name() string { return "phone " + p.Region }

// Normal gives the form; ok is false for what is no number.
func (p Phone) Normal(s string) (string, bool) {
	s = plain(s)
	if len(s) > 64 {
		return s, false
	}
	region := p.Region
	if region == "" {
		region = phonenumbers.UNKNOWN_REGION
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(n) || n.GetExtension() != "" {
		return s, false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// KnownRegion reports a country of which numbers are known: "JP".
func KnownRegion(code string) bool { return phonenumbers.GetSupportedRegions()[code] }
