package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// dryWay is the way out of a demo: what does not go to its mailbox or its sales
// desk by a plugin goes nowhere. The message is shown in the mailbox instead, and
// counts as accepted. No plugin is started for such a channel, so none of them can
// ask its service for anything either.
type dryWay struct {
	plugins runner.Sender
	mailbox *demo.Mailbox
	kept    *atomic.Pointer[map[string]string] // channels that have a plugin, with its name
}

var _ runner.Sender = (*dryWay)(nil)

// Send implements runner.Sender.
func (w *dryWay) Send(ctx context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	if len(requests) == 0 {
		return nil
	}
	if kept := w.kept.Load(); kept != nil {
		if _, plugged := (*kept)[requests[0].Channel]; plugged {
			return w.plugins.Send(ctx, requests, report)
		}
	}
	for i := range requests {
		q := &requests[i]
		w.mailbox.Show(dryOf(q))
		report(engine.Receipt{Key: q.Key, Lead: q.Lead, Attempt: q.Attempt, Outcome: engine.Done, Provider: "dry-" + q.Key.String()})
	}
	return nil
}

// dryOf is a message as the mailbox shows it: whom it would have gone to, what
// it says, and every part of it.
func dryOf(q *engine.Request) demo.Dry {
	n := demo.Dry{Key: q.Key.String(), Channel: q.Channel, Kind: q.Kind}
	text := map[string]string{}
	for _, part := range q.Parts {
		text[part.Name] = partText(part.Value)
		n.Parts = append(n.Parts, demo.Line{Name: part.Name, Value: text[part.Name]})
	}
	n.To = cmp.Or(text["to"], text["email"], text["name"], "–")
	said, _, _ := strings.Cut(cmp.Or(text["subject"], text["title"], text["message"], text["text"], text["summary"], q.Kind), "\n")
	n.Title = said
	return n
}

func partText(v engine.Value) string {
	switch v.Kind() {
	case engine.Text, engine.JSON:
		return v.Text()
	case engine.None:
		return ""
	}
	return fmt.Sprint(v)
}
