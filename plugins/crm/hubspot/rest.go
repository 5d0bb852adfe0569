package hubspot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Pauses where HubSpot refuses for a limit and does not say how long: its limits
// are for ten seconds and for a day.
const (
	shortPause = 10 * time.Second
	dailyPause = time.Hour
)

// send makes one request and reads a good answer into out, which may be nil.
func (c *Channel) send(ctx context.Context, method, path string, query url.Values, body, out any) error {
	a, err := c.client.Do(ctx, crm.Call{
		Method: method, Path: path, Query: query, Body: body,
		Header: http.Header{"Authorization": {"Bearer " + c.config.token}},
	})
	if err != nil {
		return err
	}
	c.noteLimits(a.Header)
	if t := c.trouble(a); t != nil {
		return t
	}
	if out == nil || len(a.Body) == 0 {
		return nil
	}
	return a.Decode(out)
}

func (c *Channel) post(ctx context.Context, path string, body, out any) error {
	return c.send(ctx, http.MethodPost, path, nil, body, out)
}

func (c *Channel) noteLimits(h http.Header) {
	granted, err := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Daily"))
	left, err2 := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Daily-Remaining"))
	if err == nil && err2 == nil {
		c.budget.Told(granted-left, granted)
	}
}

// fault is an error as HubSpot tells it. Its message may quote what was to be
// written, so it goes no further.
type fault struct {
	Category string `json:"category"`
	Policy   string `json:"policyName"`
	Context  struct {
		IDs   []string `json:"ids"`
		ID    []string `json:"id"`
		Trace []string `json:"objectWriteTraceId"`
	} `json:"context"`
}

func (c *Channel) trouble(a crm.Answer) *crm.Trouble {
	if a.Status < 300 {
		return nil
	}
	var f fault
	_ = json.Unmarshal(a.Body, &f) // an answer without a category is told by its status
	t := c.client.Verdict(a, f.Category)
	if f.Category != "" {
		t.Code = "hubspot_" + strings.ToLower(f.Category)
	}
	switch {
	case a.Status == http.StatusTooManyRequests && f.Policy == "DAILY":
		t.After, t.Code = max(t.After, dailyPause), "hubspot_daily_limit"
	case a.Status == http.StatusTooManyRequests:
		t.After = max(t.After, shortPause)
	case a.Status == http.StatusConflict:
		t.Outcome = channel.Refused // asking again meets the same record
	}
	return t
}

// object is a record of HubSpot's.
type object struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
	History    map[string][]struct {
		Value     string    `json:"value"`
		Timestamp time.Time `json:"timestamp"`
	} `json:"propertiesWithHistory"`
}

// input is one record to write or to read.
type input struct {
	ID         string            `json:"id"`
	IDProperty string            `json:"idProperty,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
	Trace      string            `json:"objectWriteTraceId,omitempty"`
}

// written is what came of a batch: the ids of the records by what they are known
// under, and the trouble of those that were not written.
type written struct {
	ids     map[string]string
	trouble map[string]*crm.Trouble
}

// upsert writes records by a unique property. HubSpot may take some and not the
// others (207), or refuse all because of one.
func (c *Channel) upsert(ctx context.Context, kind, unique string, records map[string]map[string]string) (written, error) {
	w := written{ids: map[string]string{}, trouble: map[string]*crm.Trouble{}}
	if len(records) == 0 {
		return w, nil
	}
	var body struct {
		Inputs []input `json:"inputs"`
	}
	for id, properties := range records {
		body.Inputs = append(body.Inputs, input{ID: id, IDProperty: unique, Properties: properties, Trace: id})
	}
	var answer struct {
		Results []struct {
			object
			Trace string `json:"objectWriteTraceId"`
		} `json:"results"`
		Errors []fault `json:"errors"`
	}
	if err := c.post(ctx, "/crm/v3/objects/"+kind+"/batch/upsert", body, &answer); err != nil {
		return w, err
	}
	for _, r := range answer.Results {
		known := r.Properties[unique]
		if known == "" {
			known = r.Trace
		}
		w.ids[known] = r.ID
	}
	for _, f := range answer.Errors {
		for _, id := range append(append(f.Context.Trace, f.Context.ID...), f.Context.IDs...) {
			w.trouble[id] = crm.Refused("hubspot_"+strings.ToLower(f.Category), "HubSpot does not accept the record ("+f.Category+")")
		}
	}
	return w, nil
}

// read reads records by their id, or by a unique property; those that are not
// there are left out.
func (c *Channel) read(ctx context.Context, kind, unique string, ids, properties, history []string) ([]object, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	body := struct {
		IDProperty string   `json:"idProperty,omitempty"`
		Properties []string `json:"properties"`
		History    []string `json:"propertiesWithHistory,omitempty"`
		Inputs     []input  `json:"inputs"`
	}{IDProperty: unique, Properties: properties, History: history}
	for _, id := range ids {
		body.Inputs = append(body.Inputs, input{ID: id})
	}
	var answer struct {
		Results []object `json:"results"`
	}
	err := c.post(ctx, "/crm/v3/objects/"+kind+"/batch/read", body, &answer)
	return answer.Results, err
}

// pair is two records that belong together.
type pair struct{ from, to string }

// associate ties records together; tying twice is once.
func (c *Channel) associate(ctx context.Context, from, to string, pairs []pair) error {
	if len(pairs) == 0 {
		return nil
	}
	type side struct {
		ID string `json:"id"`
	}
	type tie struct {
		From side `json:"from"`
		To   side `json:"to"`
	}
	var body struct {
		Inputs []tie `json:"inputs"`
	}
	for _, p := range pairs {
		body.Inputs = append(body.Inputs, tie{side{p.from}, side{p.to}})
	}
	return c.post(ctx, "/crm/v4/associations/"+from+"/"+to+"/batch/associate/default", body, nil)
}
