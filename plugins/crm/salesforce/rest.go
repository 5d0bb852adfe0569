package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// limitPause is the wait when the requests of the last 24 hours are used up: they
// come back by and by.
const limitPause = 15 * time.Minute

// send makes one request with a valid token, and reads a good answer into out. A
// token that has ended is renewed once where the config says how.
func (c *Channel) send(ctx context.Context, call crm.Call, out any) (int, error) {
	for again := false; ; again = true {
		token, err := c.signedIn(ctx)
		if err != nil {
			return 0, err
		}
		call.Header = http.Header{"Authorization": {"Bearer " + token}}
		a, err := c.client.Do(ctx, call)
		if err != nil {
			return 0, err
		}
		c.noteLimits(a.Header)
		if a.Status == http.StatusUnauthorized && !again && c.forget(token) {
			continue
		}
		if t := c.trouble(a); t != nil {
			return a.Status, t
		}
		if out == nil || len(a.Body) == 0 {
			return a.Status, nil
		}
		return a.Status, a.Decode(out)
	}
}

func (c *Channel) get(ctx context.Context, path string, query url.Values, out any) (int, error) {
	return c.send(ctx, crm.Call{Method: http.MethodGet, Path: path, Query: query}, out)
}

// query reads one page of a SOQL query. No personal data stands in one: it is
// part of an address.
func (c *Channel) query(ctx context.Context, soql string, out any) error {
	_, err := c.get(ctx, c.data("/query"), url.Values{"q": {soql}}, out)
	return err
}

// signedIn is the token, asked for where there is none.
func (c *Channel) signedIn(ctx context.Context) (string, error) {
	if c.config.token != "" {
		return c.config.token, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.config.clientID}, "client_secret": {c.config.clientSecret}}
	a, err := c.client.Do(ctx, crm.Call{Method: http.MethodPost, Path: "/services/oauth2/token", Form: form})
	if err != nil {
		return "", err
	}
	if a.Status == http.StatusBadRequest {
		return "", crm.Later(0, "salesforce_login", "Salesforce does not let the connected app in; look at client_id and client_secret in the channel's config")
	}
	if t := c.client.Verdict(a, ""); t != nil {
		return "", t
	}
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := a.Decode(&granted); err != nil {
		return "", err
	}
	c.token = granted.Token
	return c.token, nil
}

// forget drops a token that has ended, and reports whether another can be had.
func (c *Channel) forget(token string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
	return c.config.token == ""
}

// noteLimits reads "api-usage=18/5000".
func (c *Channel) noteLimits(h http.Header) {
	var used, granted int
	for _, item := range strings.Split(h.Get("Sforce-Limit-Info"), ",") {
		if n, _ := fmt.Sscanf(strings.TrimSpace(item), "api-usage=%d/%d", &used, &granted); n == 2 {
			c.budget.Told(used, granted)
		}
	}
}

// fault is an error as Salesforce tells it. Its message may quote what was to be
// written, so it goes no further.
type fault struct {
	Code   string   `json:"errorCode"`
	Fields []string `json:"fields"`
}

// trouble is what a bad answer means, nil for a good one.
func (c *Channel) trouble(a crm.Answer) *crm.Trouble {
	if a.Status < 300 {
		return nil
	}
	var faults []fault
	if json.Unmarshal(a.Body, &faults) != nil || len(faults) == 0 {
		return c.client.Verdict(a, "")
	}
	return c.troubleOf(a.Status, a.Header, faults[0])
}

func (c *Channel) troubleOf(status int, h http.Header, f fault) *crm.Trouble {
	code := "salesforce_" + strings.ToLower(f.Code)
	switch f.Code {
	case "REQUEST_LIMIT_EXCEEDED":
		return crm.Later(max(c.client.After(h), limitPause), code, "the organisation's requests of the last 24 hours are used up")
	case "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "CONCURRENT_REQUEST_LIMIT_EXCEEDED":
		return crm.Later(c.client.After(h), code, "Salesforce is busy")
	case "QUERY_TIMEOUT":
		return crm.Later(0, code, "Salesforce took too long over the query")
	}
	t := c.client.Verdict(crm.Answer{Status: status, Header: h}, strings.Join(append([]string{f.Code}, f.Fields...), " "))
	t.Code = code
	return t
}

// part is one request of a composite, under a name that later ones may refer to.
type part struct {
	Method string         `json:"method"`
	URL    string         `json:"url"`
	Name   string         `json:"referenceId"`
	Body   map[string]any `json:"body,omitempty"`
}

// composite does all parts or none, and gives the ids of the records by name.
func (c *Channel) composite(ctx context.Context, parts []part) (map[string]string, error) {
	var answer struct {
		Parts []struct {
			Name   string          `json:"referenceId"`
			Status int             `json:"httpStatusCode"`
			Body   json.RawMessage `json:"body"`
		} `json:"compositeResponse"`
	}
	body := map[string]any{"allOrNone": true, "compositeRequest": parts}
	if _, err := c.send(ctx, crm.Call{Method: http.MethodPost, Path: c.data("/composite"), Body: body}, &answer); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	var halted *crm.Trouble
	for _, p := range answer.Parts {
		if p.Status >= 300 {
			var faults []fault
			if json.Unmarshal(p.Body, &faults) != nil || len(faults) == 0 {
				faults = []fault{{Code: "UNKNOWN"}}
			}
			t := c.troubleOf(p.Status, nil, faults[0])
			if t.Outcome == channel.Unknown { // a part that failed took all others with it
				t.Outcome = channel.Retry
			}
			if faults[0].Code == "PROCESSING_HALTED" { // because of another part
				halted = t
				continue
			}
			return nil, t
		}
		var made struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(p.Body, &made) // an update may answer without a body
		ids[p.Name] = made.ID
	}
	if halted != nil {
		return nil, halted
	}
	return ids, nil
}
