package dsl

import (
	"encoding/json"
	"slices"
	"strings"
)

// reason is one condition of a toss-up with what it saw, as the engine packs it
// into the fact `reasons`.
type reason struct {
	Condition string         `json:"condition"`
	Facts     map[string]any `json:"facts"`
}

// reasonTexts are the reasons as sentences: 興味度が70以上（79.4）. What cannot be
// read is left out: a note to sales is better with fewer reasons than not at all.
func reasonTexts(packed string, sc *Scope) []string {
	var reasons []reason
	out := []string{}
	if json.Unmarshal([]byte(packed), &reasons) != nil {
		return out
	}
	for _, r := range reasons[:min(len(reasons), maxReasons)] {
		out = append(out, r.sentence(sc))
	}
	return out
}

// sentence says the condition in words. It is compiled again, because a packet
// may be older than the rule.
func (r *reason) sentence(sc *Scope) string {
	text := r.Condition
	own := sc.with(famRule|famSkipped, anyEvent(sc, r.Facts))
	if c, _ := compileCond(Literal{Value: r.Condition}, own); c != nil {
		text = Sentence(c, sc.Language)
	}
	if values := r.values(sc); values != "" {
		return Doc{text + " (" + values + ")", text + "（" + values + "）"}.In(sc.Language)
	}
	return text
}

// anyEvent makes event.* readable where the condition read some.
func anyEvent(sc *Scope, facts map[string]any) *eventInfo {
	for _, name := range names(sc.Events) {
		e, all, some := sc.Events[name], true, false
		for fact := range facts {
			if field, ok := strings.CutPrefix(fact, "event."); ok {
				some = true
				all = all && e.Fields[field] != nil
			}
		}
		if some && all {
			return e
		}
	}
	return nil
}

// values are the numbers and texts that the condition saw.
func (r *reason) values(sc *Scope) string {
	var out []string
	for _, name := range names(r.Facts) {
		switch v := r.Facts[name].(type) {
		case float64:
			if !strings.HasPrefix(name, "times:") {
				out = append(out, formatNumber(roundTo(v, 1)))
			}
		case string:
			if strings.HasPrefix(name, "lead.") && name != "lead.stage" {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}
