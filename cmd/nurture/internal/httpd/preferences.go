package httpd

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// A lead's own page: what it wants to hear of, and how often. It shows the topics of
// the rules and what the lead has chosen, and nothing else of the lead. Saving brings
// an event for each choice that differs, with the words that stood on the page.

// The states of the page.
const (
	preferencesAsk    = "ask"
	preferencesSaved  = "saved"
	preferencesBroken = "broken"
	preferencesLater  = "later"
)

// preferencesView is what the page shows.
type preferencesView struct {
	Lang   lang
	State  string
	All    string // frequency of everything
	Topics []topicChoice
	Wrong  bool
}

// topicChoice is a topic with what the lead has chosen about it.
type topicChoice struct {
	Topic string
	Field string // of the form
	At    string // frequency
}

var preferencesWords = map[string]word{
	"title":           {"メールの配信設定", "Your mail preferences"},
	"ask":             {"メールの配信設定", "Your mail preferences"},
	"saved":           {"設定を保存しました", "Your choice has been saved"},
	"ask_hint":        {"下のボタンを押すまで、何も変わりません。", "Nothing changes until you press the button."},
	"saved_hint":      {"いつでも変更できます。", "You can change it at any time."},
	"all":             {"お知らせメール全体", "All of our mails"},
	"topics":          {"話題ごとの設定", "By topic"},
	engine.AsUsual:    {"通常どおり受け取る", "As they come"},
	engine.Weekly:     {"多くても週に1通", "At most one a week"},
	engine.Monthly:    {"多くても月に1通", "At most one a month"},
	engine.NotAny:     {"受け取らない", "None"},
	"save":            {"保存する", "Save"},
	"wrong":           {"選択肢の中から選んでください。", "Please choose from the lists."},
	"transactional":   {"お申し込みの確認など、手続きに必要なメールは、この設定にかかわらず届きます。", "Mails that belong to something you asked for, such as confirmations, come whatever you choose here."},
	preferencesBroken: {"このリンクは使えません", "This link does not work"},
	"broken_hint":     {"リンクが途中で切れているか、古くなっています。メールのリンクをもう一度開くか、メールに返信してお知らせください。", "It is incomplete or too old. Open the link in the mail again, or answer the mail and tell us."},
	preferencesLater:  {"いまは処理できませんでした", "This could not be done just now"},
	"later_hint":      {"変更はまだ行われていません。しばらくしてから、もう一度お試しください。", "Nothing has been changed yet. Please try again in a moment."},
	"again":           {"もう一度試す", "Try again"},
}

// T is one of the page's texts.
func (v preferencesView) T(name string) string { return preferencesWords[name].in(v.Lang) }

// Frequencies are the choices of a list, in order.
func (v preferencesView) Frequencies() []string {
	return []string{engine.AsUsual, engine.Weekly, engine.Monthly, engine.NotAny}
}

func (s *Server) showPreferences(w http.ResponseWriter, r *http.Request, status int, v preferencesView) {
	v.Lang = s.pageLang(r)
	s.showPublic(w, status, "preferences", v, v.T("later"))
}

// topics are what the messages of the rules are about, each once.
func (s *Server) topics() []string {
	p := s.options.Desk.Program()
	if p == nil {
		return nil
	}
	spec := p.Spec()
	var list []string
	for i := range spec.Flows {
		for j := range spec.Flows[i].Steps {
			if send := spec.Flows[i].Steps[j].Send; send != nil && send.Topic != "" && !send.Transactional {
				list = append(list, send.Topic)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// chosen is what a lead has said about a topic, "" for everything.
func chosen(l *engine.Lead, topic string) string {
	if isBarred(l, topic) {
		return engine.NotAny
	}
	if w := l.Folds.Wish(topic); w != nil {
		return w.Frequency()
	}
	return engine.AsUsual
}

// openPreferences reads whose page it is. The address of the way out of a mail opens
// it as well.
func (s *Server) openPreferences(r *http.Request) (t tracking.Token, lead *engine.Lead, v preferencesView, status int) {
	t, err := s.openToken(r, tracking.Preferences, tracking.Unsubscribe)
	if err != nil {
		return t, nil, preferencesView{State: preferencesBroken}, statusOfToken(err)
	}
	lead, found, err := s.leadOf(t)
	switch {
	case err != nil:
		return t, nil, preferencesView{State: preferencesLater}, http.StatusServiceUnavailable
	case !found:
		return t, nil, preferencesView{State: preferencesBroken}, http.StatusGone
	}
	return t, lead, s.preferencesOf(lead), http.StatusOK
}

func (s *Server) preferencesOf(lead *engine.Lead) preferencesView {
	v := preferencesView{State: preferencesAsk, All: chosen(lead, "")}
	for _, topic := range s.topics() {
		v.Topics = append(v.Topics, topicChoice{topic, "topic:" + topic, chosen(lead, topic)})
	}
	return v
}

// askPreferences shows the page, and changes nothing.
func (s *Server) askPreferences(w http.ResponseWriter, r *http.Request) {
	_, _, v, status := s.openPreferences(r)
	s.showPreferences(w, r, status, v)
}

// maxPreferences bounds the body of the form, which has a field for each topic.
const maxPreferences = 64 << 10

// takePreferences saves what differs from what the lead had chosen.
func (s *Server) takePreferences(w http.ResponseWriter, r *http.Request) {
	t, _, v, status := s.openPreferences(r)
	if v.State != preferencesAsk {
		s.showPreferences(w, r, status, v)
		return
	}
	defer s.lockLead(t)()
	t, lead, v, status := s.openPreferences(r) // as it stands now
	if v.State != preferencesAsk {
		s.showPreferences(w, r, status, v)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxPreferences)
	if !v.takes(r) {
		v.Wrong = true
		s.showPreferences(w, r, http.StatusBadRequest, v)
		return
	}
	v.Lang = s.pageLang(r)
	if err := s.noteAll(r.Context(), s.preferenceEvents(r, t, lead, &v)); err != nil {
		s.showPreferences(w, r, http.StatusServiceUnavailable, preferencesView{State: preferencesLater})
		return
	}
	v.State = preferencesSaved
	s.showPreferences(w, r, http.StatusOK, v)
}

// takes reports whether the form chooses something, and from the lists only.
func (v *preferencesView) takes(r *http.Request) bool {
	fields := []string{"all"}
	for _, c := range v.Topics {
		fields = append(fields, c.Field)
	}
	chosen := 0
	for _, name := range fields {
		text := r.PostFormValue(name)
		if text != "" && !slices.Contains(v.Frequencies(), text) {
			return false
		}
		if text != "" {
			chosen++
		}
	}
	return chosen > 0
}

// preferenceEvents are the events of what has changed; v shows it afterwards.
func (s *Server) preferenceEvents(r *http.Request, t tracking.Token, lead *engine.Lead, v *preferencesView) []engine.Event {
	now := engine.TimeOf(s.now())
	address := s.evidenceAddress(r, "")
	var events []engine.Event
	change := func(topic, was, wanted, about string) string {
		if wanted == "" || wanted == was {
			return was
		}
		name, fields := engine.WishedEvent, []engine.Field{{Name: "frequency", Value: engine.TextValue(wanted)}}
		if topic == "" && wanted == engine.NotAny {
			name, fields = "unsubscribed", []engine.Field{{Name: "source", Value: engine.TextValue("preference_page")}}
		}
		if topic != "" {
			fields = append(fields, engine.Field{Name: "topic", Value: engine.TextValue(topic)})
		}
		fields = append(fields, engine.Field{Name: "wording", Value: engine.TextValue(about + ": " + v.T(wanted))})
		events = append(events, s.eventOf(t, lead.ID, name, now, append(fields, address...)))
		return wanted
	}
	v.All = change("", v.All, r.PostFormValue("all"), v.T("all"))
	for i := range v.Topics {
		c := &v.Topics[i]
		c.At = change(c.Topic, c.At, r.PostFormValue(c.Field), c.Topic)
	}
	return events
}

// preferencesPath is where the address of a way out leads to the preference page,
// relative to the way out's own.
func preferencesPath(r *http.Request) string {
	return "../p/" + strings.TrimSuffix(r.PathValue("token"), ".gif")
}
