package hubspot

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

const (
	// pageSize is how many deals are read at once: HubSpot tells the history of 50.
	pageSize = 50
	// searchMost is how far HubSpot's search goes. What is behind it is found by the
	// next search, from the last change that was read.
	searchMost = 10_000
	// tolerance is how old a webhook may be.
	tolerance = 5 * time.Minute
)

// Listen reads back what sales did with our deals.
func (c *Channel) Listen(ctx context.Context, in channel.Inbox) error {
	w := crm.Watch{Every: c.config.poll, Changes: c.changes}
	return w.Listen(ctx, in)
}

type filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`
}

// changes are the deals of ours that were changed since.
func (c *Channel) changes(ctx context.Context, since time.Time, after string) ([]crm.Change, string, error) {
	filters := []filter{{Property: c.config.keyField, Operator: "HAS_PROPERTY"}}
	if !since.IsZero() {
		filters = append(filters, filter{"hs_lastmodifieddate", "GTE", strconv.FormatInt(since.UnixMilli(), 10)})
	}
	body := map[string]any{
		"filterGroups": []any{map[string]any{"filters": filters}},
		"sorts":        []any{map[string]string{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}},
		"properties":   []string{"hs_lastmodifieddate"}, "limit": pageSize,
	}
	if after != "" {
		body["after"] = after
	}
	var page struct {
		Results []object `json:"results"`
		Paging  struct {
			Next struct{ After string }
		} `json:"paging"`
	}
	if err := c.post(ctx, "/crm/v3/objects/deals/search", body, &page); err != nil {
		return nil, "", err
	}
	ids := make([]string, len(page.Results))
	for i, d := range page.Results {
		ids[i] = d.ID
	}
	changes, err := c.deal(ctx, ids)
	next := page.Paging.Next.After
	if n, _ := strconv.Atoi(next); n+pageSize > searchMost {
		next = ""
	}
	return changes, next, err
}

// deal reads deals with the history of their stages.
func (c *Channel) deal(ctx context.Context, ids []string) ([]crm.Change, error) {
	var changes []crm.Change
	properties := []string{c.config.handOver, "amount", "closed_lost_reason", "hs_lastmodifieddate", "dealstage"}
	for some := range slices.Chunk(ids, pageSize) {
		deals, err := c.read(ctx, "deals", "", some, properties, []string{"dealstage"})
		if err != nil {
			return nil, err
		}
		for _, d := range deals {
			change := crm.Change{Record: d.ID}
			change.Modified, _ = time.Parse(time.RFC3339Nano, d.Properties["hs_lastmodifieddate"])
			if ref, ours := crm.ParseReference(d.Properties[c.config.handOver]); ours {
				change.Outcomes = c.outcomes(d, ref)
			}
			changes = append(changes, change)
		}
	}
	slices.SortStableFunc(changes, func(a, b crm.Change) int { return a.Modified.Compare(b.Modified) })
	return changes, nil
}

// outcomes is what the stages of a deal mean, the first first. A deal that is lost
// before it was an opportunity was sent back.
func (c *Channel) outcomes(d object, ref crm.Reference) []crm.Outcome {
	stages := slices.Clone(d.History["dealstage"])
	slices.Reverse(stages) // HubSpot tells the newest first
	slices.SortStableFunc(stages, func(a, b struct {
		Value     string    `json:"value"`
		Timestamp time.Time `json:"timestamp"`
	},
	) int {
		return a.Timestamp.Compare(b.Timestamp)
	})
	var list []crm.Outcome
	told := map[string]bool{}
	for _, s := range stages {
		for _, event := range c.meaning(s.Value, told[crm.Opportunity]) {
			if told[event] {
				continue
			}
			told[event] = true
			o := crm.Outcome{Reference: ref, Record: d.ID, Event: event, At: s.Timestamp}
			switch event {
			case crm.Rejected:
				o.Reason = d.Properties["closed_lost_reason"]
			case crm.Lost:
				o.Reason, o.Amount = d.Properties["closed_lost_reason"], d.Properties["amount"]
			case crm.Opportunity, crm.Won:
				o.Amount = d.Properties["amount"]
			}
			list = append(list, o)
		}
	}
	return list
}

// meaning is what the arrival at a stage says.
func (c *Channel) meaning(stage string, opportunity bool) []string {
	s := c.config
	switch {
	case stage == s.stage:
		return nil
	case slices.Contains(s.won, stage):
		return []string{crm.Accepted, crm.Opportunity, crm.Won}
	case slices.Contains(s.opportunity, stage):
		return []string{crm.Accepted, crm.Opportunity}
	case slices.Contains(s.accepted, stage):
		return []string{crm.Accepted}
	case slices.Contains(s.rejected, stage):
		return []string{crm.Rejected}
	case slices.Contains(s.lost, stage) && opportunity:
		return []string{crm.Lost}
	case slices.Contains(s.lost, stage):
		return []string{crm.Rejected}
	}
	return nil
}

// hook is one entry of a webhook: which record has changed. What it holds is asked
// for, not taken from here.
type hook struct {
	Type   string      `json:"subscriptionType"`
	Kind   string      `json:"objectTypeId"`
	Object json.Number `json:"objectId"`
}

// Receive takes a webhook of HubSpot's, signed in its version 3, so that an
// outcome is known at once and not with the next look.
func (c *Channel) Receive(ctx context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	if !c.signed(h) {
		return channel.HTTPReply{Status: http.StatusUnauthorized}, nil
	}
	var hooks []hook
	if err := json.Unmarshal(h.Body, &hooks); err != nil {
		return channel.HTTPReply{Status: http.StatusBadRequest}, nil
	}
	var ids []string
	for _, k := range hooks {
		isDeal := strings.HasPrefix(k.Type, "deal.") || k.Kind == "0-3"
		if id := k.Object.String(); isDeal && isNumber(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	changes, err := c.deal(ctx, ids)
	if err != nil {
		return channel.HTTPReply{}, err
	}
	var facts []channel.Fact
	for _, change := range changes {
		facts = append(facts, crm.Facts(change.Outcomes)...)
	}
	return channel.HTTPReply{Status: http.StatusOK, Facts: facts}, nil
}

// signed reports whether HubSpot has made the request, not long ago.
func (c *Channel) signed(h channel.HTTPRequest) bool {
	stamp := h.Header.Get("X-HubSpot-Request-Timestamp")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if c.config.clientSecret == "" || err != nil || c.now().Sub(time.UnixMilli(ms)).Abs() > tolerance {
		return false
	}
	given, err := base64.StdEncoding.DecodeString(h.Header.Get("X-HubSpot-Signature-v3"))
	if err != nil {
		return false
	}
	address := h.URL
	if c.config.webhookURL != "" {
		address = c.config.webhookURL
	}
	mac := hmac.New(sha256.New, []byte(c.config.clientSecret))
	mac.Write([]byte(h.Method + address))
	mac.Write(h.Body)
	mac.Write([]byte(stamp))
	return hmac.Equal(mac.Sum(nil), given)
}
