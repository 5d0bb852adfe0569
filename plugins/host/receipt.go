package host

import (
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// maxRetryAfter bounds what a plugin may ask for: whatever a service says, an
// action is looked at again within a day.
const maxRetryAfter = 24 * time.Hour

// wireAction is a request as a plugin gets it.
func wireAction(id uint64, r *engine.Request, timeout time.Duration) *channelv1.Action {
	a := &channelv1.Action{
		Id: id, Key: r.Key.String(), Kind: valid(r.Kind), Attempt: int32(r.Attempt), Lane: int32(r.Lane),
		Lead: r.Lead.String(), TimeoutMs: timeout.Milliseconds(),
		Parts: make([]*channelv1.Part, len(r.Parts)),
	}
	for i, f := range r.Parts {
		a.Parts[i] = wirePart(f)
	}
	return a
}

func wirePart(f engine.Field) *channelv1.Part {
	p := &channelv1.Part{Name: valid(f.Name)}
	switch f.Value.Kind() {
	case engine.Text:
		p.Value = &channelv1.Part_Text{Text: valid(f.Value.Text())}
	case engine.Number:
		p.Value = &channelv1.Part_Number{Number: f.Value.Number()}
	case engine.Flag:
		p.Value = &channelv1.Part_Flag{Flag: f.Value.Flag()}
	case engine.Instant:
		p.Value = &channelv1.Part_TimeMs{TimeMs: int64(f.Value.Time())}
	case engine.JSON:
		p.Value = &channelv1.Part_Json{Json: valid(f.Value.Text())}
	}
	return p
}

// valid makes a text fit for the wire: one byte of another encoding would break
// the stream for everybody.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// requestSize is about what the request takes on the wire.
func requestSize(r *engine.Request) int {
	n := 128
	for _, f := range r.Parts {
		n += len(f.Name) + len(f.Value.Text()) + 16
	}
	return n
}

// receipt is a plugin's result in the engine's words.
func (s *session) receipt(result *channelv1.Result, f *flight) engine.Receipt {
	r := engine.Receipt{}
	detail := ""
	switch o := result.Outcome.(type) {
	case *channelv1.Result_Done:
		r.Outcome, r.Provider = engine.Done, cut(o.Done.GetProviderId(), maxDetail)
		r.Cost, r.Currency = costOf(o.Done)
	case *channelv1.Result_Retry:
		r.Outcome, r.Code, detail = engine.Retry, o.Retry.GetCode(), o.Retry.GetDetail()
		after := time.Duration(o.Retry.GetAfterMs()) * time.Millisecond
		r.RetryAfter = max(0, min(after, maxRetryAfter))
	case *channelv1.Result_Refused:
		r.Outcome, r.Code, detail = engine.Refused, o.Refused.GetCode(), o.Refused.GetDetail()
	case *channelv1.Result_Unknown:
		r.Outcome, r.Code, detail = engine.Unknown, o.Unknown.GetCode(), o.Unknown.GetDetail()
	default:
		r.Outcome, r.Code, detail = engine.Unknown, "no_outcome", "the plugin gave a result without an outcome"
	}
	r.Code = s.redact.text(r.Code, 64)
	r.Detail = s.redact.detail(detail, &f.request)
	return r
}

// maxCost bounds what a plugin may say that one action cost.
const maxCost = 1e9

// costOf is what an action cost; what cannot be a cost is none.
func costOf(d *channelv1.Done) (cost float64, currency string) {
	if cost = d.GetCost(); !(cost > 0 && cost <= maxCost) { // not a number is neither
		return 0, ""
	}
	return cost, cut(d.GetCurrency(), maxCurrency)
}

// maxCurrency is the length of a currency's name.
const maxCurrency = 3
