package httpd

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// The way out of mails. Following the link only shows a page, because mail filters
// follow every link; what changes anything is a POST: of the page's own form, or of
// the mail program's button (RFC 8058), which stops everything. Doing it again
// changes nothing, and it can be taken back. The address is what entitles to it:
// nobody signs in, and there is no cookie that another site could misuse.

// The states of the page.
const (
	wayOutAsk    = "ask"
	wayOutDone   = "done"
	wayOutUndone = "undone"
	wayOutBroken = "broken" // the address is none of ours
	wayOutLater  = "later"  // it could not be done
)

// What the form, or a mail program, asks for.
const (
	chooseTopic = "topic"
	chooseAll   = "all"
	undoTopic   = "undo_topic"
	undoAll     = "undo_all"
)

// wayOutView is what the page shows.
type wayOutView struct {
	Lang   lang
	State  string
	Topic  string // of the mail, "" for none
	Choice string // that was made

	Preferences string // address of the preference page, "" for none
}

// T is one of the page's texts.
func (v wayOutView) T(name string) string { return wayOutWords[name].in(v.Lang) }

// wayOutWords are the page's texts, Japanese and English.
var wayOutWords = map[string]word{
	"title":        {"メールの配信", "Your mails"},
	"ask":          {"メールの配信を停止しますか？", "Stop these mails?"},
	"ask_hint":     {"下のボタンを押すまで、何も変わりません。", "Nothing changes until you press the button."},
	"topic":        {"「%s」のメールだけ停止する", "Stop only mails about “%s”"},
	"all":          {"すべてのお知らせメールを停止する", "Stop all of these mails"},
	"stop":         {"停止する", "Stop"},
	"done":         {"配信を停止しました", "You have been unsubscribed"},
	"done_all":     {"今後、お知らせメールはお送りしません。お申し込みの確認など、手続きに必要なメールは届くことがあります。", "You will get no more of these mails. Mails that belong to something you asked for, such as confirmations, may still come."},
	"done_topic":   {"今後、「%s」のメールはお送りしません。", "You will get no more mails about “%s”."},
	"undo_hint":    {"間違えて停止した場合は、元に戻せます。", "If this was a mistake, you can take it back."},
	"undo":         {"元に戻す", "Undo"},
	"undone":       {"元に戻しました", "Taken back"},
	"undone_hint":  {"配信は、停止する前の状態に戻りました。", "Your mails are as they were before."},
	"broken":       {"このリンクは使えません", "This link does not work"},
	"broken_hint":  {"リンクが途中で切れているか、古くなっています。メールのリンクをもう一度開くか、メールに返信してお知らせください。", "It is incomplete or too old. Open the link in the mail again, or answer the mail and tell us."},
	"later":        {"いまは処理できませんでした", "This could not be done just now"},
	"later_hint":   {"変更はまだ行われていません。しばらくしてから、もう一度お試しください。", "Nothing has been changed yet. Please try again in a moment."},
	"again":        {"もう一度試す", "Try again"},
	"preferences":  {"頻度や話題を選ぶ", "Choose topics and how often instead"},
	"choice_label": {"停止する範囲", "What to stop"},
}

// Sentence is a text about the mail's topic.
func (v wayOutView) Sentence(name string) string {
	return strings.ReplaceAll(v.T(name), "%s", v.Topic)
}

// showWayOut answers with the page, in the project's language.
func (s *Server) showWayOut(w http.ResponseWriter, r *http.Request, status int, v wayOutView) {
	v.Lang = english
	if p := s.options.Desk.Program(); p != nil && lang(p.Spec().Language) == japanese {
		v.Lang = japanese
	}
	if asked := askedLang(r); asked != "" {
		v.Lang = asked
	}
	var page bytes.Buffer
	if err := s.console.templates.ExecuteTemplate(&page, "way_out", v); err != nil {
		s.log.Error("render a page", "page", "way_out", "error", err)
		plain(w, http.StatusInternalServerError, v.T("later")+"\n")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "10")
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the reader has gone
}

// askWayOut shows what can be stopped, and changes nothing.
func (s *Server) askWayOut(w http.ResponseWriter, r *http.Request) {
	t, err := s.openToken(r, tracking.Unsubscribe)
	if err != nil {
		s.showWayOut(w, r, statusOfToken(err), wayOutView{State: wayOutBroken})
		return
	}
	s.showWayOut(w, r, http.StatusOK, wayOutView{State: wayOutAsk, Topic: t.Topic, Preferences: preferencesPath(r)})
}

// maxForm bounds the body of a POST.
const maxForm = 4 << 10

// takeWayOut does what the form or the mail program asks for.
func (s *Server) takeWayOut(w http.ResponseWriter, r *http.Request) {
	t, err := s.openToken(r, tracking.Unsubscribe)
	if err != nil {
		s.showWayOut(w, r, statusOfToken(err), wayOutView{State: wayOutBroken})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	choice, source := r.PostFormValue("choice"), "unsubscribe_page"
	if r.PostFormValue("List-Unsubscribe") == "One-Click" {
		choice, source = chooseAll, "one_click"
	}
	v := wayOutView{State: wayOutDone, Topic: t.Topic, Choice: choice}
	topic := ""
	if choice == chooseTopic || choice == undoTopic {
		topic = t.Topic
	}
	switch choice {
	case chooseTopic, chooseAll:
		err = s.changeBar(r, t, "unsubscribed", topic, source)
	case undoTopic, undoAll:
		v.State = wayOutUndone
		err = s.changeBar(r, t, "unsubscribe_undone", topic, source)
	default: // nobody has chosen anything
		s.showWayOut(w, r, http.StatusBadRequest, wayOutView{State: wayOutAsk, Topic: t.Topic})
		return
	}
	if err != nil {
		s.showWayOut(w, r, http.StatusServiceUnavailable, wayOutView{State: wayOutLater})
		return
	}
	s.showWayOut(w, r, http.StatusOK, v)
}

// changeBar stops a lead's mails about a topic, "" for all, or takes that back, where
// it is not so already. A lead that is not there any more gets no mails anyway.
func (s *Server) changeBar(r *http.Request, t tracking.Token, name, topic, source string) error {
	mu := &s.wayOuts[t.Lead[0]%byte(len(s.wayOuts))]
	mu.Lock() // the second of two at one time finds what the first has done
	defer mu.Unlock()
	lead, found, err := s.leadOf(t)
	if err != nil || !found {
		return err
	}
	if isBarred(lead, topic) == (name == "unsubscribed") {
		return nil
	}
	fields := []engine.Field{{Name: "source", Value: engine.TextValue(source)}}
	if topic != "" {
		fields = append(fields, engine.Field{Name: "topic", Value: engine.TextValue(topic)})
	}
	fields = append(fields, s.evidenceAddress(r, "")...)
	return s.note(r.Context(), s.eventOf(t, lead.ID, name, engine.TimeOf(s.now()), fields))
}

// mailKind is the kind of step whose messages lead back.
const mailKind = "email"

// isBarred reports whether the lead has unsubscribed from exactly this: to have left
// another kind of channel says nothing of mails.
func isBarred(l *engine.Lead, topic string) bool {
	for i := range l.Folds.Barred {
		if b := &l.Folds.Barred[i]; b.Reason == engine.BarUnsubscribed && b.Topic == topic && (b.Kind == "" || b.Kind == mailKind) {
			return true
		}
	}
	return false
}

// wayOutLocks keep what leads ask for at one time apart.
type wayOutLocks [64]sync.Mutex
