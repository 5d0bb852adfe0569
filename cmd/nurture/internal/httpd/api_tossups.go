package httpd

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Register is the register of hand-overs; the store's method.
type Register interface {
	Offers(after store.OfferPlace, yield func(*engine.LeadOffer) error) error
}

// HandOverDoc is one offer, or a lead that waits to be offered.
type HandOverDoc struct {
	ID          string     `json:"id"`
	TossUp      string     `json:"toss_up"`
	Lead        string     `json:"lead"`
	Owner       string     `json:"owner,omitempty"`
	State       string     `json:"state" enum:"queued,dropped,offered,accepted,rejected,expired,opportunity,won,lost"`
	Reason      string     `json:"reason,omitempty" doc:"Why sales sent it back, or why it dropped out of the queue."`
	Late        string     `json:"late,omitempty" doc:"What sales said after the time was over."`
	Score       float64    `json:"score,omitempty" doc:"By which it stands, or stood, in the queue."`
	Signal      *time.Time `json:"signal,omitempty" doc:"The fact that completed the condition."`
	Asked       *time.Time `json:"asked"`
	Offered     *time.Time `json:"offered,omitempty"`
	Answered    *time.Time `json:"answered,omitempty"`
	Opportunity *time.Time `json:"opportunity,omitempty"`
	Closed      *time.Time `json:"closed,omitempty"`
	Doubted     bool       `json:"doubted,omitempty" doc:"A later fact shows that it would not have been made."`
	Revision    uint32     `json:"revision"`
	Rule        string     `json:"rule"`
}

// offerState is the word for where an offer stands, its outcome before its answer.
func offerState(o *engine.Offer) string {
	switch {
	case o.Closed != 0 && o.Won:
		return "won"
	case o.Closed != 0:
		return "lost"
	case o.Opportunity != 0:
		return "opportunity"
	}
	return map[engine.OfferState]string{
		engine.OfferNone: "dropped", engine.OfferHolding: "dropped", engine.OfferQueued: "queued", engine.OfferMade: "offered",
		engine.OfferAccepted: "accepted", engine.OfferRejected: "rejected", engine.OfferExpired: "expired",
	}[o.State]
}

func handOverDoc(r *engine.LeadOffer) HandOverDoc {
	o := &r.Offer
	d := HandOverDoc{
		ID: o.ID.String(), TossUp: o.TossUp, Lead: r.Lead.String(), Owner: o.Owner, State: offerState(o), Reason: o.Reason, Late: o.Late,
		Score: o.Rank, Signal: instant(o.Signal), Asked: instant(o.Asked), Answered: instant(o.AnsweredAt),
		Opportunity: instant(o.Opportunity), Closed: instant(o.Closed), Doubted: o.Doubted, Revision: o.Revision, Rule: o.Rule,
	}
	if o.Offered() {
		d.Offered = instant(o.Made)
	}
	return d
}

// OfferQuery narrows the list of offers.
type OfferQuery struct {
	TossUp string `query:"toss_up" maxLength:"256" doc:"Only this rule's."`
	State  string `query:"state" enum:"queued,dropped,offered,accepted,rejected,expired,opportunity,won,lost," doc:"Only offers in this state."`
	Days   int    `query:"days" minimum:"0" maximum:"36500" doc:"Only offers of the last so many days. Default: all."`
	After  string `query:"after" maxLength:"80" doc:"Goes on where the page before ended."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// AnswerOrder is what sales say about an offer.
type AnswerOrder struct {
	Offer  string `json:"offer" minLength:"32" maxLength:"32" doc:"Id of the offer."`
	Answer string `json:"answer" enum:"accepted,rejected"`
	Reason string `json:"reason,omitempty" maxLength:"200" doc:"Why it is rejected: a reason that the rule declares."`
}

func (s *Server) tossUpOperations(api huma.API) {
	tags := []string{"toss-ups"}
	huma.Register(api, huma.Operation{
		OperationID: "list-toss-ups", Method: http.MethodGet, Path: "/api/v1/toss-ups", Tags: tags,
		Summary: "The register of hand-overs, and how good each rule's are by version",
		Errors:  []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound},
	}, func(_ context.Context, in *OfferQuery) (*answer[OfferList], error) {
		return answerOf(s.tossUpList(in))
	})
	huma.Register(api, huma.Operation{
		OperationID: "answer-toss-up", Method: http.MethodPost, Path: "/api/v1/toss-ups/answer", Tags: tags,
		Summary:     "Say what sales say about an offer",
		Description: "The answer is durable when the call returns. Saying it again changes nothing; an answer after the time was over is recorded and moves nothing.",
		Errors:      []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body AnswerOrder }) (*answer[HandOverDoc], error) {
		auditTarget(ctx, "offer "+in.Body.Offer+" "+in.Body.Answer)
		return answerOf(s.answerOffer(ctx, in.Body, "api"))
	})
}

// allOffers reads the register since an instant.
func (s *Server) allOffers(since engine.Time) ([]engine.LeadOffer, error) {
	var list []engine.LeadOffer
	if s.options.Register == nil {
		return nil, nil
	}
	err := s.options.Register.Offers(store.OfferPlace{}, func(o *engine.LeadOffer) error {
		if o.Offer.Asked < since {
			return store.ErrStop
		}
		list = append(list, *o)
		return nil
	})
	return list, err
}

func (s *Server) tossUpList(in *OfferQuery) (OfferList, error) {
	list := OfferList{TossUps: []TossUpDoc{}, Offers: []HandOverDoc{}}
	p := s.options.Desk.Program()
	if p == nil {
		return list, nil
	}
	now := engine.TimeOf(s.now())
	since := engine.Time(0)
	if in.Days > 0 {
		since = now.Add(-engine.Span(in.Days) * engine.Day)
	}
	after, err := offerPlace(in.After)
	if err != nil {
		return list, err
	}
	offers, err := s.allOffers(since)
	if err != nil {
		return list, err
	}
	return SelectOffers(p, s.options.Ledger.Counts, offers, in, after, since, now)
}

// SelectOffers makes the answer to a query from the register's rows, the latest
// first.
func SelectOffers(p *engine.Program, counts countsReader, offers []engine.LeadOffer, in *OfferQuery, after store.OfferPlace, since, now engine.Time) (OfferList, error) {
	list := OfferList{Offers: []HandOverDoc{}}
	var err error
	if list.TossUps, err = ReadTossUps(p, counts, offers, since, now); err != nil {
		return list, err
	}
	if in.TossUp != "" {
		var have []string
		for _, t := range list.TossUps {
			have = append(have, t.Name)
		}
		list.TossUps = slices.DeleteFunc(list.TossUps, func(t TossUpDoc) bool { return t.Name != in.TossUp })
		if len(list.TossUps) == 0 {
			return list, newProblem(http.StatusNotFound, "unknown_toss_up", fmt.Sprintf("there is no toss-up of that name; there are: %s", strings.Join(have, ", ")))
		}
	}
	for i := range offers {
		o := &offers[i]
		if after != (store.OfferPlace{}) && !behind(o, after) || in.TossUp != "" && o.Offer.TossUp != in.TossUp || in.State != "" && offerState(&o.Offer) != in.State {
			continue
		}
		if len(list.Offers) == cmp.Or(in.Limit, 100) {
			last := list.Offers[len(list.Offers)-1]
			list.Next = strconv.FormatInt(last.Asked.UnixMilli(), 10) + "." + last.ID
			break
		}
		list.Offers = append(list.Offers, handOverDoc(o))
	}
	return list, nil
}

// behind reports whether a row comes after a place in the register.
func behind(o *engine.LeadOffer, place store.OfferPlace) bool {
	if o.Offer.Asked != place.Asked {
		return o.Offer.Asked < place.Asked
	}
	return string(o.Offer.ID[:]) > string(place.ID[:])
}

func offerPlace(text string) (place store.OfferPlace, err error) {
	if text == "" {
		return place, nil
	}
	at, id, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	key, ok := engine.ParseActionKey(id)
	if err != nil || !ok {
		return place, newProblem(http.StatusBadRequest, "bad_after", "after is not what a page before ended with")
	}
	return store.OfferPlace{Asked: engine.Time(n), ID: key}, nil
}

// answerOffer makes an answer to an offer durable, as the event that the rule has
// for it.
func (s *Server) answerOffer(ctx context.Context, order AnswerOrder, source string) (HandOverDoc, error) {
	offers, err := s.allOffers(0)
	if err != nil {
		return HandOverDoc{}, err
	}
	at := slices.IndexFunc(offers, func(o engine.LeadOffer) bool { return o.Offer.ID.String() == order.Offer })
	if at < 0 || !offers[at].Offer.Offered() {
		return HandOverDoc{}, newProblem(http.StatusNotFound, "unknown_offer", "no lead has been handed over under this id")
	}
	if err := s.answerRow(ctx, &offers[at], order, source); err != nil {
		return HandOverDoc{}, err
	}
	offers, err = s.allOffers(0)
	if at = slices.IndexFunc(offers, func(o engine.LeadOffer) bool { return o.Offer.ID.String() == order.Offer }); err != nil || at < 0 {
		return HandOverDoc{}, err
	}
	return handOverDoc(&offers[at]), nil
}

// answerRow submits the answer. Its id follows from the offer and the answer, so
// that saying it twice is saying it once.
func (s *Server) answerRow(ctx context.Context, o *engine.LeadOffer, order AnswerOrder, source string) error {
	name := s.answerEvent(o.Offer.TossUp, order.Answer)
	if name == "" {
		return newProblem(http.StatusConflict, "no_answer", "the rule of this offer asks for no answer, or is not in the rules any more")
	}
	now := engine.TimeOf(s.now())
	fields := []engine.Field{
		{Name: "toss_up", Value: engine.TextValue(o.Offer.TossUp)}, {Name: "offer", Value: engine.TextValue(o.Offer.ID.String())},
	}
	if order.Reason != "" {
		fields = append(fields, engine.Field{Name: "reason", Value: engine.TextValue(order.Reason)})
	}
	e := engine.Event{
		Kind: engine.Track, ID: order.Answer + "." + o.Offer.ID.String(), Source: "toss_up_answer", Name: name,
		Lead: o.Lead, At: now, Received: now, Fields: append(fields, engine.Field{Name: "source", Value: engine.TextValue(source)}),
	}
	return s.note(ctx, e)
}

// answerEvent is the wire name of the event by which a rule is answered, "" where
// it asks for none.
func (s *Server) answerEvent(tossUp, word string) string {
	p := s.options.Desk.Program()
	if p == nil {
		return ""
	}
	spec := p.Spec()
	for i := range spec.TossUps {
		t := &spec.TossUps[i]
		if t.Name != tossUp || t.Answer == nil {
			continue
		}
		name := t.Answer.Accepted
		if word == "rejected" {
			name = t.Answer.Rejected
		}
		return wireOf(spec, name)
	}
	return ""
}

// wireOf is the wire name of a declared event; of a named moment, that of the event
// it narrows.
func wireOf(spec *engine.Spec, name string) string {
	for i := range spec.Events {
		e := &spec.Events[i]
		switch {
		case e.Name != name:
		case e.From != "":
			return wireOf(spec, e.From)
		case e.Wire != "":
			return e.Wire
		}
	}
	return name
}
