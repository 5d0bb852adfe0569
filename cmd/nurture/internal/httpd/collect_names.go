package httpd

import (
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Not every name may come from outside. What only nurture itself brings, and what is
// only found in other events, is refused at every door, each message by itself: the
// sender is told, and nothing is answered by 200 of which nothing would come.

// ownEvents come from here alone. Who sends one would consent for somebody else, take
// somebody's unsubscribe back, or say that the site showed and the engine did what
// neither has done.
var ownEvents = []string{
	engine.ConfirmedEvent, engine.WishedEvent, "unsubscribe_undone", engine.WebShown, engine.WebClicked,
	"stage_changed", "message_skipped", "toss_up_offered", "toss_up_expired", "toss_up_reminded", "toss_up_escalated", "toss_up_doubted",
}

// namedWrong gives what refuses the events that no client may send by their name, by
// the rules that run now.
func (s *Server) namedWrong() func(*engine.Event) *engine.Problem {
	p := s.options.Desk.Program()
	return func(e *engine.Event) *engine.Problem {
		if e.Kind != engine.Track {
			return nil
		}
		if slices.Contains(ownEvents, engine.Fold(e.Name)) {
			return &engine.Problem{Code: "reserved_event", Text: "only nurture itself brings this event: send your own under another name"}
		}
		if p == nil {
			return nil
		}
		moment, send, is := p.Moment(e)
		if !is {
			return nil
		}
		return &engine.Problem{Code: "named_moment", Text: fmt.Sprintf(
			"%s is a named moment of the rules, which is found in %s and never sent itself: send %s with the fields that the moment asks for", moment, send, calledAs(send))}
	}
}

// calledAs is how a client sends an event.
func calledAs(event string) string {
	switch event {
	case "page_viewed":
		return "a page call (page_viewed)"
	case "screen_viewed":
		return "a screen call (screen_viewed)"
	}
	return event
}
