package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// expected says how the API tells success from failure, where the status alone
// does not: {"ok": false} under a 200, or a 409 for what was there already.
type expected struct {
	done   []string // statuses that mean done: "201", "2xx"; nil: 2xx
	path   string   // where the JSON answer says whether it was done; "": the status decides
	equals string   // what stands there then
	reason string   // where it says why not, in a word
	retry  []string // words that mean "not now"
	id     string   // where it says its own id of what it did
}

// reads reports whether the answer's body matters.
func (e *expected) reads() bool { return e.path != "" || e.id != "" || e.reason != "" }

var statusForm = regexp.MustCompile(`^[1-5](\d\d|xx)$`)

// isDone reports a status that means done.
func (e *expected) isDone(status int) bool {
	if e.done == nil {
		return status >= 200 && status < 300
	}
	text := strconv.Itoa(status)
	return slices.Contains(e.done, text) || slices.Contains(e.done, text[:1]+"xx")
}

// verdict is what an answer means.
func (c *Channel) verdict(answer *http.Response, said []byte) channel.Reply {
	status := answer.StatusCode
	body, isJSON := decode(said)
	reason := word(at(body, c.answer.reason), c.answer.reason)
	code := "http_" + strconv.Itoa(status)
	detail := fmt.Sprintf("the receiver answered %d %s", status, http.StatusText(status))
	if reason != "" {
		code, detail = reason, detail+": "+reason
	}
	switch {
	case c.answer.isDone(status):
		if c.answer.path == "" || isJSON && plain(at(body, c.answer.path)) == c.answer.equals {
			return channel.Accepted(word(at(body, c.answer.id), c.answer.id))
		}
		if reason == "" {
			code, detail = "not_successful", detail+fmt.Sprintf(", but %s in it is not %q", c.answer.path, c.answer.equals)
		}
		if !isJSON {
			return channel.Uncertain("bad_answer", fmt.Sprintf("the receiver answered %d, but no JSON", status))
		}
	case status >= 300 && status < 400:
		return channel.Refuse(code, detail+"; the redirect is not followed (see redirects), write the final address")
	}
	if outgoing.Passing(status) || reason != "" && slices.Contains(c.answer.retry, reason) {
		return channel.Again(outgoing.RetryAfter(answer.Header, c.now()), code, detail)
	}
	return channel.Refuse(code, detail)
}

func decode(said []byte) (any, bool) {
	dec := json.NewDecoder(bytes.NewReader(said))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err == nil
}

// word is a value of the answer as a short word: an answer may quote what we sent,
// and nobody's data belongs into a code.
func word(v any, path string) string {
	if path == "" {
		return ""
	}
	text := plain(v)
	if !wordForm.MatchString(text) {
		return ""
	}
	return text
}

var wordForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$`)
