package email

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"

	"github.com/emersion/go-msgauth/dkim"
)

// signer is what DKIM signs with. A nil signer signs nothing.
//
// go-mail can sign too, but folds a long list of headers in the middle of a
// name, and the signature no longer verifies.
type signer struct {
	domain, selector string
	key              crypto.Signer
}

// sign puts the signature before the mail. It covers every header there is, but those
// that the service behind the server writes anew, and the absence of another From and
// Subject.
func (s *signer) sign(raw []byte, by provider) ([]byte, error) {
	if s == nil {
		return raw, nil
	}
	var signed bytes.Buffer
	err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             append(slices.DeleteFunc(headerNames(raw), by.rewrites), "From", "Subject"),
	})
	if err != nil {
		return nil, fmt.Errorf("sign with DKIM: %w", err)
	}
	return signed.Bytes(), nil
}

// headerNames are the names of a mail's headers, in order.
func headerNames(raw []byte) []string {
	var names []string
	for line := range bytes.Lines(raw) {
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && line[0] != ' ' && line[0] != '\t' {
			names = append(names, string(name))
		}
	}
	return names
}
