package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secret is a signing secret of the Standard Webhooks form.
type secret []byte

// tolerance is how far a signature's time may be from ours.
const tolerance = 5 * time.Minute

// newSecret makes a secret that follows from a seed: it guards nothing but a desk
// on this machine.
func newSecret(seed uint64) secret {
	sum := sha256.Sum256(fmt.Appendf(nil, "sales desk of town %d", seed))
	return secret(sum[:])
}

// String is the secret as it stands in a channel's config.
func (s secret) String() string { return "whsec_" + base64.StdEncoding.EncodeToString(s) }

// verify says why a request is not from who knows the secret, nil when it is. now
// is the machine's time: the sender stamps with that, however fast a demo runs.
func (s secret) verify(h http.Header, body []byte, now time.Time) error {
	id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	if id == "" || stamp == "" {
		return errors.New("webhook-id or webhook-timestamp is missing")
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errors.New("webhook-timestamp is not a number")
	}
	if d := now.Sub(time.Unix(seconds, 0)); d.Abs() > tolerance {
		return errors.New("webhook-timestamp is too far from now")
	}
	mac := hmac.New(sha256.New, s)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	for _, signature := range strings.Fields(h.Get("webhook-signature")) {
		version, encoded, _ := strings.Cut(signature, ",")
		got, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil && version == "v1" && hmac.Equal(got, want) {
			return nil
		}
	}
	return errors.New("no signature fits")
}
