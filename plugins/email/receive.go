package email

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Receive takes a mail that a mail server or service posts: raw, as the field of a
// form in which services send it, or as a notice in JSON.
func (c *Channel) Receive(_ context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	switch {
	case c.settings.intake.secret == "":
		return answer(http.StatusNotFound, "this channel takes no mails over HTTP: intake_secret is not set", nil), nil
	case !c.admits(h.Header):
		reply := answer(http.StatusUnauthorized, "send the secret as a bearer token or as a password", nil)
		reply.Header.Set("WWW-Authenticate", `Basic realm="nurture", charset="UTF-8"`)
		return reply, nil
	case h.Method != http.MethodPost:
		return answer(http.StatusMethodNotAllowed, "post the raw mail", nil), nil
	}
	raw := postedMail(h.Header.Get("Content-Type"), h.Body)
	if len(bytes.TrimSpace(raw)) == 0 {
		return answer(http.StatusBadRequest, "there is no mail in the request; send it raw, or in a form's field email or body-mime", nil), nil
	}
	return answer(http.StatusOK, "", c.factsOf(raw)), nil
}

func answer(status int, problem string, facts []channel.Fact) channel.HTTPReply {
	said := map[string]any{"facts": len(facts)}
	if problem != "" {
		said = map[string]any{"error": problem}
	} else if len(facts) > 0 {
		said["event"] = facts[0].Event
	}
	body, _ := json.Marshal(said)
	return channel.HTTPReply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: append(body, '\n'), Facts: facts}
}

// admits reports whether the request brings the secret.
func (c *Channel) admits(h http.Header) bool {
	given, bearer := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	if !bearer {
		_, given, _ = (&http.Request{Header: h}).BasicAuth()
	}
	want, got := sha256.Sum256([]byte(c.settings.intake.secret)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// mailFields are the fields in which services post a raw mail.
var mailFields = []string{"body-mime", "email", "mime", "raw"}

// postedMail is the raw mail in a request.
func postedMail(contentType string, body []byte) []byte {
	kind, params, _ := mime.ParseMediaType(contentType)
	switch kind {
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil
		}
		for _, name := range mailFields {
			if form.Get(name) != "" {
				return []byte(form.Get(name))
			}
		}
		return nil
	case "multipart/form-data":
		return formMail(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		return append([]byte("Content-Type: text/plain\n\n"), trimmed...) // a notice
	}
	return body
}

func formMail(r *multipart.Reader) []byte {
	for {
		part, err := r.NextPart()
		if err != nil {
			return nil
		}
		for _, name := range mailFields {
			if part.FormName() == name {
				raw, _ := io.ReadAll(part) // what is there of a form cut short
				return raw
			}
		}
	}
}
