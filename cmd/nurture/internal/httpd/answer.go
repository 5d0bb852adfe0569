package httpd

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// The page on which sales answer a hand-over, from the link in the message that
// handed it over. Following the link only shows the page, because mail filters
// follow every link; the answer is a POST of the page's form. The address is what
// entitles to it, for this one offer.

// The states of the page.
const (
	answerAsk    = "ask"
	answerDone   = "done"
	answerOver   = "over"   // it was answered, or its time is over
	answerBroken = "broken" // the address is none of ours, or of an offer that is gone
	answerLater  = "later"  // it could not be kept
)

// answerView is what the page shows. It tells nothing of who the lead is: a link
// may be passed on.
type answerView struct {
	Lang    lang
	State   string
	TossUp  string
	Offered string
	Was     string // how it stands: a name of words
	Reasons []choice
	Wrong   bool // nothing was chosen
}

// choice is a reason to choose from.
type choice struct{ Name, Label string }

var answerWords = map[string]word{
	"title":       {"営業からの返事", "Your answer"},
	"ask":         {"このリードを受け入れますか？", "Do you take this lead?"},
	"ask_hint":    {"下のボタンを押すまで、何も変わりません。", "Nothing changes until you press a button."},
	"accept":      {"受け入れる", "Take it"},
	"reject":      {"差し戻す", "Send it back"},
	"reason":      {"差し戻す理由", "Why it goes back"},
	"other":       {"その他", "Another reason"},
	"choose":      {"差し戻すときは、理由を選んでください。", "Choose a reason to send it back."},
	"offered":     {"渡した日時", "Handed over"},
	"done":        {"返事を受け取りました", "Your answer has been taken"},
	"done_hint":   {"ご協力ありがとうございます。このページは閉じてかまいません。", "Thank you. You may close this page."},
	"over":        {"このリードには、もう返事があります", "This one has been settled already"},
	"over_hint":   {"いまの状態", "It stands at"},
	"broken":      {"このリンクは使えません", "This link does not work"},
	"broken_hint": {"リンクが途中で切れているか、古くなっています。", "It is incomplete or too old."},
	"later":       {"いまは受け取れませんでした", "This could not be done just now"},
	"later_hint":  {"返事はまだ届いていません。しばらくしてから、もう一度お試しください。", "Nothing has been changed yet. Please try again in a moment."},
	"accepted":    {"受け入れ済み", "accepted"},
	"rejected":    {"差し戻し済み", "sent back"},
	"expired":     {"期限切れ", "not answered in time"},
	"opportunity": {"商談", "opportunity"},
	"won":         {"受注", "won"},
	"lost":        {"失注", "lost"},
	"queued":      {"順番待ち", "waiting"},
	"dropped":     {"取り下げ", "dropped"},
}

// T is one of the page's texts.
func (v answerView) T(name string) string { return answerWords[name].in(v.Lang) }

// offerOf is the offer of an answer's address, as its lead knows it.
func (s *Server) offerOf(t tracking.Token) (row engine.LeadOffer, found bool, err error) {
	lead, found, err := s.leadOf(t)
	if err != nil || !found {
		return row, false, err
	}
	for _, list := range [...][]engine.Offer{lead.Acts.Offers, lead.Acts.Former} {
		for i := range list {
			if list[i].ID == engine.ActionKey(t.Message) {
				return engine.LeadOffer{Lead: lead.ID, Offer: list[i]}, true, nil
			}
		}
	}
	return row, false, nil
}

// openAnswer reads whose offer an address is about, and the page that it stands
// for.
func (s *Server) openAnswer(r *http.Request) (row engine.LeadOffer, v answerView, status int) {
	t, err := s.openToken(r, tracking.Answer)
	if err != nil {
		return row, answerView{State: answerBroken}, statusOfToken(err)
	}
	row, found, err := s.offerOf(t)
	switch {
	case err != nil:
		return row, answerView{State: answerLater}, http.StatusServiceUnavailable
	case !found:
		return row, answerView{State: answerBroken}, http.StatusNotFound
	}
	v = answerView{State: answerAsk, TossUp: row.Offer.TossUp}
	if p := s.options.Desk.Program(); p != nil {
		spec := p.Spec()
		v.Offered = row.Offer.Made.In(spec.Zone).Format("2006-01-02 15:04")
		for i := range spec.TossUps {
			if t := &spec.TossUps[i]; t.Name == v.TossUp && t.Answer != nil {
				v.TossUp = labelled(t.Label, t.Name)
				for _, reason := range t.Answer.Reasons {
					v.Reasons = append(v.Reasons, choice{reason.Name, labelled(reason.Label, reason.Name)})
				}
			}
		}
	}
	if row.Offer.State != engine.OfferMade {
		v.State, v.Was = answerOver, offerState(&row.Offer)
	}
	return row, v, http.StatusOK
}

func labelled(label, name string) string {
	if label != "" {
		return label
	}
	return name
}

// askAnswer shows what can be answered, and changes nothing.
func (s *Server) askAnswer(w http.ResponseWriter, r *http.Request) {
	_, v, status := s.openAnswer(r)
	s.showAnswer(w, r, status, v)
}

// takeAnswer does what the form says. An answer after the time was over is taken
// too: it is recorded, and moves nothing.
func (s *Server) takeAnswer(w http.ResponseWriter, r *http.Request) {
	row, v, status := s.openAnswer(r)
	if v.State != answerAsk && !(v.State == answerOver && v.Was == "expired") {
		s.showAnswer(w, r, status, v)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	order := AnswerOrder{Answer: r.PostFormValue("answer"), Reason: r.PostFormValue("reason")}
	known := order.Reason == engine.OtherReason || slices.ContainsFunc(v.Reasons, func(c choice) bool { return c.Name == order.Reason })
	switch {
	case order.Answer == "accepted":
		order.Reason = ""
	case order.Answer != "rejected", !known && len(v.Reasons) > 0:
		v.Wrong = true
		s.showAnswer(w, r, http.StatusBadRequest, v)
		return
	}
	if err := s.answerRow(r.Context(), &row, order, "answer_page"); err != nil {
		s.showAnswer(w, r, http.StatusServiceUnavailable, answerView{State: answerLater})
		return
	}
	v.State = answerDone
	s.showAnswer(w, r, http.StatusOK, v)
}

// showAnswer answers with the page, in the project's language.
func (s *Server) showAnswer(w http.ResponseWriter, r *http.Request, status int, v answerView) {
	v.Lang = english
	if p := s.options.Desk.Program(); p != nil && lang(p.Spec().Language) == japanese {
		v.Lang = japanese
	}
	if asked := askedLang(r); asked != "" {
		v.Lang = asked
	}
	var page bytes.Buffer
	if err := s.console.templates.ExecuteTemplate(&page, "answer", v); err != nil {
		s.log.Error("render a page", "page", "answer", "error", err)
		plain(w, http.StatusInternalServerError, strings.TrimSpace(v.T("later"))+"\n")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the reader has gone
}
