// Package crm is what the channels to sales systems share: what a request asks
// for, how an answer becomes an outcome, and how what sales did is read back. It
// knows no sales system.
//
// Every order can be carried out again: whatever it writes stands under the
// lead's id or under the order's key, and is looked for before it is made.
package crm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The actions of a step `crm`. A request without an action is the hand-over of a
// toss-up.
const (
	ActionUpsert   = "upsert"
	ActionHandOver = "hand_over"
	ActionMember   = "add_campaign_member"
	ActionNote     = "add_note"
	ActionTask     = "add_task"
)

// Actions are the actions, in the order in which they are listed.
func Actions() []string {
	return []string{ActionUpsert, ActionHandOver, ActionMember, ActionNote, ActionTask}
}

// Order is what one request asks of a sales system.
type Order struct {
	Action  string
	Key     string // of the request: the same on every attempt
	Lead    string // the lead's opaque id, under which the person is kept
	TossUp  string
	Owner   string // who in sales gets it, "" for nobody in particular
	Subject string
	Text    string // of a note or task
	Due     string // of a task: a day, "2026-11-30"
	// Campaign and Status are of a member of a campaign.
	Campaign, Status string
	Reasons          []Reason
	// Person is what is told of the person besides, by name: email, last_name, …
	Person map[string]string
}

// Reason is one condition of a toss-up with the values that met it.
type Reason struct {
	Condition string         `json:"condition"`
	Facts     map[string]any `json:"facts"`
}

// ReadOrder understands a request. Its errors hold no personal data.
func ReadOrder(r channel.Request) (Order, error) {
	o := Order{Action: r.Text("action"), Key: r.Key, Lead: r.Lead, Person: map[string]string{}}
	if o.Action == "" {
		o.Action = ActionHandOver
	}
	if !slices.Contains(Actions(), o.Action) {
		return o, fmt.Errorf("there is no action of that name; it is one of %s", strings.Join(Actions(), ", "))
	}
	if o.Lead == "" || o.Key == "" {
		return o, errors.New("the request names no lead or has no key")
	}
	for _, p := range r.Parts {
		if p.Name == "with" {
			members, err := objectOf(p.Value)
			if err != nil {
				return o, err
			}
			for name, v := range members {
				o.take(name, v)
			}
			continue
		}
		if p.Name == "reasons" {
			if err := json.Unmarshal([]byte(r.Text(p.Name)), &o.Reasons); err != nil {
				return o, errors.New("part reasons is not a list of reasons")
			}
			continue
		}
		o.take(p.Name, p.Value)
	}
	return o, o.check()
}

func objectOf(v any) (map[string]any, error) {
	raw, ok := v.(json.RawMessage)
	members := map[string]any{}
	if !ok && v == nil {
		return members, nil
	}
	if !ok || json.Unmarshal(raw, &members) != nil {
		return nil, errors.New("part with is not an object")
	}
	return members, nil
}

// take puts a value where it belongs; what is none of ours is about the person.
func (o *Order) take(name string, v any) {
	text := textOf(v)
	switch name {
	case "action", "lead", "message_id": // known already, or of no use to sales
	case "toss_up":
		o.TossUp = text
	case "owner":
		o.Owner = text
	case "subject":
		o.Subject = text
	case "text", "message":
		o.Text = text
	case "due":
		o.Due = text
	case "campaign":
		o.Campaign = text
	case "status":
		o.Status = text
	default:
		if text != "" {
			o.Person[name] = text
		}
	}
}

func (o *Order) check() error {
	switch {
	case o.Action == ActionMember && o.Campaign == "":
		return errors.New(`add_campaign_member needs with = { campaign = "…" }`)
	case o.Action == ActionNote && o.Text == "" && o.Subject == "":
		return errors.New(`add_note needs with = { text = "…" }`)
	case o.Action == ActionTask && o.Subject == "":
		return errors.New(`add_task needs with = { subject = "…" }`)
	}
	if o.Due != "" {
		if _, err := time.Parse(time.DateOnly, o.Due); err != nil {
			return errors.New(`due is a day, "2026-11-30"`)
		}
	}
	return nil
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case json.RawMessage:
		return string(v)
	case nil:
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// Urgent reports whether the order is a hand-over, which no limit of ours holds
// back.
func (o Order) Urgent() bool { return o.Action == ActionHandOver }

// Headline is what a record of the order is called.
func (o Order) Headline() string {
	switch {
	case o.Subject != "":
		return o.Subject
	case o.Action == ActionMember:
		return strings.TrimSuffix("Campaign "+o.Campaign+": "+o.Status, ": ")
	case o.TossUp != "":
		return o.TossUp
	}
	head, _, _ := strings.Cut(o.Text, "\n")
	return head
}

// Name is the person's name, or what comes nearest to one.
func (o Order) Name() string {
	p := o.Person
	for _, name := range []string{
		p["name"], strings.TrimSpace(p["last_name"] + " " + p["first_name"]), p["company"], p["email"], p["user_id"],
	} {
		if name != "" {
			return name
		}
	}
	return "Lead " + o.Lead[:min(8, len(o.Lead))]
}

// Body is the text for sales: what was written, why the lead is handed over, and
// what was told of the person that the sales system has no field for. placed are
// the names that it has a field for.
func (o Order) Body(placed func(name string) bool) string {
	var lines []string
	if o.Text != "" {
		lines = append(lines, o.Text)
	}
	for _, r := range o.Reasons {
		lines = append(lines, "- "+r.line())
	}
	var rest []string
	for name, text := range o.Person {
		if name != "user_id" && !placed(name) {
			rest = append(rest, name+": "+text)
		}
	}
	sort.Strings(rest)
	return strings.Join(append(lines, rest...), "\n")
}

// line is a reason on one line: the condition, and what was so.
func (r Reason) line() string {
	facts := make([]string, 0, len(r.Facts))
	for name, v := range r.Facts {
		facts = append(facts, name+" = "+textOf(v))
	}
	sort.Strings(facts)
	if len(facts) == 0 {
		return r.Condition
	}
	return r.Condition + " (" + strings.Join(facts, ", ") + ")"
}

// Reference is what stands in a record of ours in the sales system, so that what
// becomes of it can be told of the right lead and the right toss-up.
type Reference struct {
	Key, Lead, TossUp string
}

const referencePrefix = "nurture:"

// Reference is the order's reference.
func (o Order) Reference() Reference { return Reference{o.Key, o.Lead, o.TossUp} }

// String is the form that ParseReference reads: "nurture:KEY:LEAD:TOSS_UP".
func (r Reference) String() string { return r.Prefix() + r.Lead + ":" + r.TossUp }

// Prefix is the beginning that all attempts share, even where the lead was merged
// into another meanwhile.
func (r Reference) Prefix() string { return referencePrefix + r.Key + ":" }

// ParseReference reads what String wrote.
func ParseReference(s string) (Reference, bool) {
	parts := strings.SplitN(s, ":", 4)
	if len(parts) != 4 || parts[0]+":" != referencePrefix || parts[1] == "" || parts[2] == "" {
		return Reference{}, false
	}
	return Reference{parts[1], parts[2], parts[3]}, true
}
