package tryton

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// readsAgain is how often a search_read is asked again. What is refused for another
// reason is refused as often.
const readsAgain = 5

// session is a signed-in user.
type session struct {
	authorization string
	context       map[string]any // of every call: the company
}

// call asks a method and reads its result into out. The context of the session
// is added to the parameters. A session that Tryton has forgotten is renewed once.
//
// A search_read that is refused is asked again: Tryton searches and then reads, and
// says of a record that somebody has deleted in between that it may not be read.
func (c *Channel) call(ctx context.Context, method string, out any, params ...any) error {
	return c.callIn(ctx, nil, method, out, params...)
}

// callIn is call with more in the context.
func (c *Channel) callIn(ctx context.Context, more map[string]any, method string, out any, params ...any) error {
	renewed, refused := false, 0
	for {
		s, err := c.signedIn(ctx)
		if err != nil {
			return err
		}
		own := s.context
		if more != nil {
			own = maps.Clone(own)
			maps.Copy(own, more)
		}
		status, err := c.post(ctx, s.authorization, method, append(append([]any{}, params...), own), out)
		var t *crm.Trouble
		switch {
		case status == http.StatusUnauthorized && !renewed:
			renewed = true
			c.forget(s)
		case errors.As(err, &t) && t.Code == codeRefused && strings.HasSuffix(method, ".search_read") && refused < readsAgain:
			refused++
		default:
			return err
		}
	}
}

// signedIn is the session of the channel, a new one where there is none.
func (c *Channel) signedIn(ctx context.Context) (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		return c.session, nil
	}
	var granted []any
	if _, err := c.post(ctx, "", "common.db.login", []any{c.user, map[string]any{"password": c.pass}, "en"}, &granted); err != nil {
		return nil, err
	}
	if len(granted) < 2 {
		return nil, crm.Later(0, "tryton_login", "Tryton did not let the user in; look at user and password in the channel's config")
	}
	token := fmt.Sprintf("%s:%v:%v", c.user, granted[0], granted[1])
	s := &session{
		authorization: "Session " + base64.StdEncoding.EncodeToString([]byte(token)),
		context:       map[string]any{"company": c.config.company},
	}
	if c.config.company == 0 {
		var preferences struct{ Company *int64 }
		if _, err := c.post(ctx, s.authorization, "model.res.user.get_preferences", []any{true, map[string]any{}}, &preferences); err != nil {
			return nil, err
		}
		if preferences.Company == nil {
			return nil, crm.Later(0, "tryton_company", "the user has no company; give it one in Tryton, or write company in the channel's config")
		}
		s.context["company"] = *preferences.Company
	}
	c.session = s
	return s, nil
}

func (c *Channel) forget(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == s {
		c.session = nil
	}
}

// post makes one exchange. Tryton tells of what went wrong with status 200 and an
// error in the place of the result.
func (c *Channel) post(ctx context.Context, authorization, method string, params []any, out any) (int, error) {
	call := crm.Call{Method: http.MethodPost, Path: c.path, Header: http.Header{}, Body: map[string]any{"id": 1, "method": method, "params": params}}
	if authorization != "" {
		call.Header.Set("Authorization", authorization)
	}
	a, err := c.client.Do(ctx, call)
	if err != nil {
		return 0, err
	}
	if t := c.client.Verdict(a, ""); t != nil {
		return a.Status, t
	}
	var answer struct {
		Result json.RawMessage   `json:"result"`
		Error  []json.RawMessage `json:"error"`
	}
	if err := a.Decode(&answer); err != nil {
		return a.Status, err
	}
	if len(answer.Error) > 0 {
		return a.Status, troubleOf(answer.Error)
	}
	if out == nil {
		return a.Status, nil
	}
	return a.Status, crm.Answer{Body: answer.Result}.Decode(out)
}

// fieldOf finds the labels of field and model in a message of Tryton's, which
// otherwise quotes what was to be written.
var fieldOf = regexp.MustCompile(`field "([^"]+)" in "([^"]+)"`)

// troubleOf reads an error: ["UserError", [message, …]], or what Python says of
// anything else. Tryton has rolled its transaction back in any case.
func troubleOf(parts []json.RawMessage) *crm.Trouble {
	var kind, message string
	_ = json.Unmarshal(parts[0], &kind)
	if len(parts) > 1 {
		message = string(parts[1])
	}
	switch {
	case kind == "UserError" && strings.Contains(message, "must be unique"):
		return crm.Later(0, codeNotUnique, "another record has the same key")
	case kind == "UserError", kind == "UserWarning":
		detail := "Tryton does not accept the record"
		var texts []json.RawMessage
		var text string
		if len(parts) > 1 && json.Unmarshal(parts[1], &texts) == nil && len(texts) > 0 && json.Unmarshal(texts[0], &text) == nil {
			if m := fieldOf.FindStringSubmatch(text); m != nil {
				detail += ": field " + m[1] + " of " + m[2]
			}
		}
		return crm.Refused(codeRefused, detail)
	case kind == "ConcurrencyException":
		return crm.Later(0, "tryton_changed", "somebody else was changing the record")
	case strings.Contains(kind, "locked"), strings.Contains(kind, "serialize"), strings.Contains(kind, "deadlock"):
		return crm.Later(0, "tryton_busy", "Tryton's database was busy")
	}
	return crm.Later(0, "tryton_error", "Tryton met an error of its own; its log says which")
}

// Codes that the channel itself looks at.
const (
	codeNotUnique = "tryton_not_unique" // a record stands there already
	codeRefused   = "tryton_refused"    // Tryton does not accept a record, or does not show it
)

// instant is a point in time as Tryton writes it: parts, in UTC.
type instant struct {
	Class       string `json:"__class__"`
	Year        int    `json:"year"`
	Month       int    `json:"month"`
	Day         int    `json:"day"`
	Hour        int    `json:"hour"`
	Minute      int    `json:"minute"`
	Second      int    `json:"second"`
	Microsecond int    `json:"microsecond"`
}

func instantOf(t time.Time) instant {
	t = t.UTC()
	return instant{"datetime", t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1000}
}

func (i instant) time() time.Time {
	return time.Date(i.Year, time.Month(i.Month), i.Day, i.Hour, i.Minute, i.Second, i.Microsecond*1000, time.UTC)
}

// decimal is an exact number as Tryton writes it.
type decimal struct {
	Decimal string `json:"decimal"`
}

func unknownOwner() *crm.Trouble {
	return &crm.Trouble{
		Outcome: channel.Refused, Code: "unknown_owner",
		Detail: "no employee of the company is called like the owner; add it to owners in the channel's config, then retry the dead letter",
	}
}
