package httpd

import (
	"net/http"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// The page on which a consent is confirmed, from the link of the mail that asked.
// Mail filters follow every link, and some people's do so from their own network:
// only the button consents.

// The states of the page.
const (
	confirmAsk    = "ask"
	confirmDone   = "done"
	confirmAgain  = "already" // it stands already
	confirmOver   = "over"    // nothing waits to be confirmed any more
	confirmBroken = "broken"
	confirmLater  = "later"
)

// confirmView is what the page shows: what is consented to, never who.
type confirmView struct {
	Lang    lang
	State   string
	Label   string
	Wording string
}

var confirmWords = map[string]word{
	"title":        {"登録の確認", "Confirm your registration"},
	"ask":          {"登録を確認しますか？", "Confirm your registration?"},
	"ask_hint":     {"下のボタンを押すと登録が完了します。心当たりがない場合は、このページを閉じてください。何も登録されません。", "It is complete once you press the button. If you did not ask for this, close this page: nothing will happen."},
	"confirm":      {"登録を確認する", "Confirm"},
	"wording":      {"同意の内容", "What you agree to"},
	"done":         {"登録が完了しました", "You are registered"},
	"done_hint":    {"ご確認ありがとうございます。このページは閉じてかまいません。配信は、届くメールのリンクからいつでも停止できます。", "Thank you. You may close this page. You can stop the mails at any time by the link in each of them."},
	"already":      {"すでに登録されています", "You are registered already"},
	"already_hint": {"もう一度確認する必要はありません。", "There is nothing more to do."},
	"over":         {"このリンクの期限は過ぎました", "This link has expired"},
	"over_hint":    {"お手数ですが、もう一度お申し込みください。新しい確認メールをお送りします。", "Please sign up again; you will get a new mail to confirm it."},
	"broken":       {"このリンクは使えません", "This link does not work"},
	"broken_hint":  {"リンクが途中で切れているか、古くなっています。メールのリンクをもう一度開いてください。", "It is incomplete or too old. Open the link in the mail again."},
	"later":        {"いまは処理できませんでした", "This could not be done just now"},
	"later_hint":   {"登録はまだ完了していません。しばらくしてから、もう一度お試しください。", "You are not registered yet. Please try again in a moment."},
	"again":        {"もう一度試す", "Try again"},
}

// T is one of the page's texts.
func (v confirmView) T(name string) string { return confirmWords[name].in(v.Lang) }

func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request, status int, v confirmView) {
	v.Lang = s.pageLang(r)
	s.showPublic(w, status, "confirm", v, v.T("later"))
}

// openConfirm reads what an address is about, and the page that it stands for.
func (s *Server) openConfirm(r *http.Request) (t tracking.Token, v confirmView, status int) {
	t, err := s.openToken(r, tracking.Confirm)
	if err != nil {
		return t, confirmView{State: confirmBroken}, statusOfToken(err)
	}
	lead, found, err := s.leadOf(t)
	if err != nil {
		return t, confirmView{State: confirmLater}, http.StatusServiceUnavailable
	}
	consent := s.consentSpec(t.Step)
	if !found || consent == nil {
		return t, confirmView{State: confirmOver}, http.StatusGone
	}
	v = confirmView{State: confirmAsk, Label: labelled(consent.Label, "")}
	a := lead.Folds.Asking(t.Step)
	switch now := engine.TimeOf(s.now()); {
	case a != nil && consent.Confirm != nil && now < a.At.Add(consent.Confirm.Within):
		v.Wording = a.Wording
	case hasGiven(lead, t.Step):
		v.State = confirmAgain
	default:
		return t, confirmView{State: confirmOver}, http.StatusGone
	}
	return t, v, http.StatusOK
}

func (s *Server) consentSpec(name string) *engine.ConsentSpec {
	p := s.options.Desk.Program()
	if p == nil {
		return nil
	}
	spec := p.Spec()
	for i := range spec.Consents {
		if spec.Consents[i].Name == name {
			return &spec.Consents[i]
		}
	}
	return nil
}

// hasGiven reports a consent that was given and not taken back.
func hasGiven(l *engine.Lead, consent string) bool {
	for i := range l.Folds.Consents {
		if c := &l.Folds.Consents[i]; c.Name == consent {
			return c.Given != 0 && c.Revoked == 0
		}
	}
	return false
}

// askConfirm shows what is to be confirmed, and changes nothing.
func (s *Server) askConfirm(w http.ResponseWriter, r *http.Request) {
	_, v, status := s.openConfirm(r)
	s.showConfirm(w, r, status, v)
}

// takeConfirm confirms.
func (s *Server) takeConfirm(w http.ResponseWriter, r *http.Request) {
	t, v, status := s.openConfirm(r)
	if v.State != confirmAsk {
		s.showConfirm(w, r, status, v)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.PostFormValue("confirm") != "yes" { // nobody has pressed the button
		s.showConfirm(w, r, http.StatusBadRequest, v)
		return
	}
	defer s.lockLead(t)()
	lead, found, err := s.leadOf(t)
	if err == nil && found && lead.Folds.Asking(t.Step) != nil {
		fields := append([]engine.Field{{Name: "consent", Value: engine.TextValue(t.Step)}}, s.evidenceAddress(r, t.Step)...)
		t.Step = "" // a consent, no step of a workflow
		err = s.note(r.Context(), s.eventOf(t, lead.ID, engine.ConfirmedEvent, engine.TimeOf(s.now()), fields))
	}
	if err != nil {
		s.showConfirm(w, r, http.StatusServiceUnavailable, confirmView{State: confirmLater})
		return
	}
	v.State = confirmDone
	s.showConfirm(w, r, http.StatusOK, v)
}
