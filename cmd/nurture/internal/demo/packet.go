package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Packet is a hand-over as it came, and what sales made of it.
type Packet struct {
	Number  int       // of the desk, from 1
	Key     string    // webhook-id: the same for every attempt
	At      time.Time // when it came, on the desk's clock
	TossUp  string    // rule that handed the lead over; "" for any other notice
	Subject string
	Owner   string
	User    string // the client's id of the lead, "" when the packet names none
	Answer  string // address of the page on which sales answers
	Fields  []Line // the rest that a person reads
	Reasons []Reason

	State  State
	Since  time.Time // of State
	Remark string    // why it was rejected, what the deal is worth
}

// Reason is a condition of the rule with the values that met it.
type Reason struct {
	Condition string
	Words     string // the condition as a sentence; "" where the packet has none
	Facts     []Line
}

// State is what sales has made of a packet.
type State string

// The states, in the order in which they come.
const (
	Offered     State = "offered"
	Accepted    State = "accepted"
	Rejected    State = "rejected"
	Opportunity State = "opportunity"
	Won         State = "won"
	Lost        State = "lost"
	Notice      State = "notice" // nobody waits for an answer to it
)

// parsePacket reads the JSON of a hand-over. What it does not know it keeps as a
// field, because every workspace writes its own payload.
func parsePacket(body []byte) (*Packet, error) {
	names, members, err := object(body)
	if err != nil {
		return nil, err
	}
	p := &Packet{State: Notice}
	for _, name := range names {
		raw := members[name]
		switch name {
		case "toss_up":
			p.TossUp = text(raw)
			p.State = Offered
		case "subject":
			p.Subject = text(raw)
		case "owner":
			p.Owner = text(raw)
		case "user_id":
			p.User = text(raw)
		case "answer_url":
			p.Answer = text(raw)
		case "lead", "message_id", "scores", "touches", "why":
			// For programs: the register keeps them. The reasons have the words of why.
		case "reasons":
			if p.Reasons, err = reasons(raw); err != nil {
				return nil, err
			}
		default:
			p.Fields = append(p.Fields, Line{name, text(raw)})
		}
	}
	p.sayReasons(text(members["why"]))
	slices.SortStableFunc(p.Fields, func(a, b Line) int { return rank(a.Name) - rank(b.Name) })
	return p, nil
}

// sayReasons gives each reason its words, which the packet has in the same order.
func (p *Packet) sayReasons(why string) {
	if lines := strings.Split(why, "\n"); len(lines) == len(p.Reasons) {
		for i := range lines {
			p.Reasons[i].Words = lines[i]
		}
	}
}

// order is how sales reads a lead, whatever order the JSON came in.
var order = [...]string{"company", "department", "title", "name", "phone", "email", "fit", "interest"}

func rank(name string) int {
	if i := slices.Index(order[:], name); i >= 0 {
		return i
	}
	return len(order)
}

// Field is a field's value, "" when there is none.
func (p *Packet) Field(name string) string {
	i := slices.IndexFunc(p.Fields, func(f Line) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	return p.Fields[i].Value
}

// object reads a JSON object and the order of its members.
func object(raw []byte) (names []string, members map[string]json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, errors.New("the body is not a JSON object")
	}
	members = map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("read the name of a member: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, fmt.Errorf("read a member: %w", err)
		}
		key, _ := name.(string) // what stands before a member's value is its name
		if _, twice := members[key]; !twice {
			names = append(names, key)
		}
		members[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("read the end of the body: %w", err)
	}
	return names, members, nil
}

// text is a value as a person reads it.
func text(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return string(raw)
}

// reasons reads why a lead was handed over; the list may have come as a text.
func reasons(raw json.RawMessage) ([]Reason, error) {
	var quoted string
	if json.Unmarshal(raw, &quoted) == nil {
		raw = json.RawMessage(quoted)
	}
	var list []struct {
		Condition string          `json:"condition"`
		Facts     json.RawMessage `json:"facts"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, errors.New("reasons is not a list of conditions with their facts")
	}
	out := make([]Reason, 0, len(list))
	for _, r := range list {
		reason := Reason{Condition: r.Condition}
		if names, members, err := object(r.Facts); err == nil {
			for _, name := range names {
				reason.Facts = append(reason.Facts, Line{strings.ReplaceAll(strings.TrimPrefix(name, "times:"), ":", " "), rounded(members[name])})
			}
		}
		out = append(out, reason)
	}
	return out, nil
}

// rounded is a value for a list: numbers with at most one digit behind the point.
func rounded(raw json.RawMessage) string {
	var f float64
	if json.Unmarshal(raw, &f) != nil || string(raw) == "null" {
		return text(raw)
	}
	return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
}
