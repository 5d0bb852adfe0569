package salesforce

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Listen reads back what sales did with our leads.
func (c *Channel) Listen(ctx context.Context, in channel.Inbox) error {
	w := crm.Watch{Every: c.config.poll, Changes: c.changes}
	return w.Listen(ctx, in)
}

// record is a Lead with the opportunity that it became.
type record struct {
	ID          string `json:"Id"`
	Status      string `json:"Status"`
	IsConverted bool   `json:"IsConverted"`
	ConvertedOn string `json:"ConvertedDate"` // a day
	Modified    stamp  `json:"SystemModstamp"`
	Opportunity *struct {
		IsWon    bool        `json:"IsWon"`
		IsClosed bool        `json:"IsClosed"`
		Amount   json.Number `json:"Amount"`
		Modified stamp       `json:"SystemModstamp"`
		Created  stamp       `json:"CreatedDate"`
	} `json:"ConvertedOpportunity"`

	handOver, reason string // under names that the config gives
}

// stamp is a time as Salesforce writes it: "2026-11-02T09:00:00.000+0000".
type stamp struct{ time.Time }

// UnmarshalJSON reads Salesforce's form, and RFC 3339.
func (s *stamp) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", text)
	if err != nil {
		at, err = time.Parse(time.RFC3339Nano, text)
	}
	s.Time = at
	return err
}

// page is a page of leads.
type page struct {
	Records []json.RawMessage `json:"records"`
	Next    string            `json:"nextRecordsUrl"`
}

// opportunities marks the pages of the second list: the leads whose opportunity
// was changed, which leaves the lead as it was.
const opportunities = "opportunities"

// changes are the leads of ours that were changed since, then those whose
// opportunity was.
func (c *Channel) changes(ctx context.Context, since time.Time, at string) ([]crm.Change, string, error) {
	var p page
	var err error
	from := since.UTC().Format("2006-01-02T15:04:05.000Z")
	second := strings.HasPrefix(at, opportunities)
	switch next := strings.TrimPrefix(at, opportunities); {
	case next != "":
		_, err = c.get(ctx, next, nil, &p)
	case second:
		err = c.query(ctx, c.selecting("ConvertedOpportunity.SystemModstamp >= "+from+" ORDER BY ConvertedOpportunity.SystemModstamp, Id"), &p)
	default:
		err = c.query(ctx, c.selecting("SystemModstamp >= "+from+" ORDER BY SystemModstamp, Id"), &p)
	}
	if err != nil {
		return nil, "", err
	}
	changes, err := c.read(p.Records)
	switch {
	case err != nil:
		return nil, "", err
	case second && p.Next == "":
		return changes, "", nil
	case second:
		return changes, opportunities + p.Next, nil
	case p.Next == "":
		return changes, opportunities, nil
	}
	return changes, p.Next, nil
}

// selecting is the query for leads of ours with a condition of its own.
func (c *Channel) selecting(where string) string {
	fields := []string{
		"Id", c.config.handOver, "Status", "IsConverted", "ConvertedDate", "SystemModstamp",
		"ConvertedOpportunity.IsWon", "ConvertedOpportunity.IsClosed", "ConvertedOpportunity.Amount",
		"ConvertedOpportunity.CreatedDate", "ConvertedOpportunity.SystemModstamp",
	}
	if c.config.reasonField != "" {
		fields = append(fields, c.config.reasonField)
	}
	return "SELECT " + strings.Join(fields, ", ") + " FROM Lead WHERE " + c.config.handOver + " != null AND " + where
}

// read is what records mean.
func (c *Channel) read(raw []json.RawMessage) ([]crm.Change, error) {
	changes := make([]crm.Change, 0, len(raw))
	for _, b := range raw {
		var r record
		var named map[string]any
		if err := (crm.Answer{Body: b}).Decode(&r); err != nil {
			return nil, err
		}
		if err := (crm.Answer{Body: b}).Decode(&named); err != nil {
			return nil, err
		}
		r.handOver, _ = named[c.config.handOver].(string)
		r.reason, _ = named[c.config.reasonField].(string)
		change := crm.Change{Record: r.ID, Modified: r.Modified.Time}
		if r.Opportunity != nil && r.Opportunity.Modified.After(change.Modified) {
			change.Modified = r.Opportunity.Modified.Time
		}
		if ref, ours := crm.ParseReference(r.handOver); ours {
			change.Outcomes = c.outcomes(r, ref)
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// outcomes is what a lead's state means. A lead becomes an opportunity by being
// converted; one that was converted without an opportunity was taken, no more.
func (c *Channel) outcomes(r record, ref crm.Reference) []crm.Outcome {
	var list []crm.Outcome
	tell := func(event string, at time.Time) {
		o := crm.Outcome{Reference: ref, Record: r.ID, Event: event, At: at}
		if r.Opportunity != nil && event != crm.Accepted {
			o.Amount = r.Opportunity.Amount.String()
		}
		if event == crm.Rejected {
			if o.Reason = r.reason; o.Reason == "" {
				o.Reason = r.Status
			}
		}
		list = append(list, o)
	}
	switch {
	case r.IsConverted && r.Opportunity == nil:
		tell(crm.Accepted, r.Modified.Time)
	case r.IsConverted:
		tell(crm.Accepted, r.Opportunity.Created.Time)
		tell(crm.Opportunity, r.Opportunity.Created.Time)
		if r.Opportunity.IsWon {
			tell(crm.Won, r.Opportunity.Modified.Time)
		} else if r.Opportunity.IsClosed {
			tell(crm.Lost, r.Opportunity.Modified.Time)
		}
	case slices.Contains(c.config.accepted, r.Status):
		tell(crm.Accepted, r.Modified.Time)
	case slices.Contains(c.config.rejected, r.Status):
		tell(crm.Rejected, r.Modified.Time)
	}
	return list
}
