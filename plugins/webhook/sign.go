package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretPrefix marks a signing secret of the Standard Webhooks form.
const secretPrefix = "whsec_"

// decodeSecret reads "whsec_" and base64. Its errors do not quote the secret.
func decodeSecret(text string) ([]byte, error) {
	encoded := strings.TrimPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		key, err = base64.RawStdEncoding.DecodeString(encoded)
	}
	switch {
	case err != nil:
		return nil, errors.New("it is not base64")
	case len(key) < 24 || len(key) > 64:
		return nil, errors.New("it has " + strconv.Itoa(len(key)) + " bytes")
	}
	return key, nil
}

// sign sets the three headers of the Standard Webhooks form: the message's id,
// when this attempt was made, and one signature for each key, so that receivers
// may change keys at their leisure.
func sign(h http.Header, id string, at time.Time, body []byte, keys [][]byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	if len(keys) == 0 {
		return
	}
	signatures := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	h.Set("webhook-signature", strings.Join(signatures, " "))
}
