package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Rules that load may be refused for what has nothing to do with them as they are
// written: leads stand on a step that they do not have, a plugin does not start. What
// stands in the way may go by itself, and then they go live by themselves: whoever
// saved them need not save them again. What is kept of them survives a restart, which
// begins with the last good revision and tries them again.

// waiting are the rules of the files while they wait for that, or that did last.
type waiting struct {
	Digest string      `json:"digest"`
	Author string      `json:"author,omitempty"` // who had changed the files when they were refused
	Since  engine.Time `json:"since"`

	// Of those that went live at last.
	Revision uint32      `json:"revision,omitempty"` // that runs since; 0: they wait still
	At       engine.Time `json:"at,omitempty"`
	Staged   bool        `json:"staged,omitempty"` // they go live step by step, beside that revision

	stood []history.Stranded // on whom they wait; none: what else there was is tried anew
	why   string
}

// waitingNote is the name under which the store keeps them.
const waitingNote = "rules waiting"

// How often what stood in the way is looked at: the leads that stay longest every
// minute, which is a look at a row for each step; all of them, or what else there is,
// not so often that more than a tenth of the time went by with it.
const (
	againEvery = time.Minute
	againShare = 10
)

func (r *rules) loadWaiting() error {
	text, err := r.server.store.Note(waitingNote)
	if err != nil || len(text) == 0 {
		return err
	}
	w := &waiting{}
	if err := json.Unmarshal(text, w); err != nil {
		return fmt.Errorf("read which rules wait to go live: %w", err)
	}
	if w.Digest != "" {
		r.waits = w
	}
	return nil
}

// keepWaiting keeps which rules wait, nil for none.
func (r *rules) keepWaiting(w *waiting) {
	if w == nil && r.waits == nil {
		return
	}
	r.waits = w
	if w == nil {
		w = &waiting{}
	}
	text, err := json.Marshal(w)
	if err == nil {
		err = r.server.store.SaveNote(waitingNote, text)
	}
	if err != nil {
		r.server.options.Log.Error("which rules wait to go live could not be kept", "error", err)
	}
}

// waitsFor reports rules that wait to go live.
func (r *rules) waitsFor(digest string) bool {
	return r.waits != nil && r.waits.Revision == 0 && r.waits.Digest == digest
}

// author is who changed the files: of rules that had been refused, who had when they
// were.
func (r *rules) author(ctx context.Context, digest string) string {
	if r.waitsFor(digest) {
		return r.waits.Author
	}
	return authorOf(ctx, r.server.options.Workspace)
}

// refused takes down that the rules of the files could not be put in force, and lets
// them wait for what stands in the way. took is how long it was to find that out.
func (r *rules) refused(ctx context.Context, w *workspace, deed string, err error, took time.Duration) {
	again := r.waitsFor(w.Digest)
	next := &waiting{Digest: w.Digest, Since: engine.TimeOf(r.server.options.Clock.Now()), why: err.Error()}
	if again {
		next.Author, next.Since = r.waits.Author, r.waits.Since
	} else {
		next.Author = authorOf(ctx, r.server.options.Workspace)
	}
	if lost := (*wouldLose)(nil); errors.As(err, &lost) {
		next.stood = lost.leads
	}
	known := again && r.waits.why == next.why
	if again {
		r.waits = next
	} else {
		r.keepWaiting(next)
	}
	r.tryAgain(took)
	if known {
		return // it is told already
	}
	r.warn(w.problems)
	r.fail(err)
	r.server.options.Log.Error(deed+"; the running revision stays, and they are tried again by themselves", "error", err)
}

// tryAgain says when what stands in the way is looked at again.
func (r *rules) tryAgain(took time.Duration) {
	o := &r.server.options
	pause := max(againEvery*time.Duration(max(1, o.Pace)), againShare*took)
	r.again = o.Clock.Now().Add(pause)
}

// againDue gives a channel that receives when what stands in the way is to be looked
// at; nil while nothing waits.
func (r *rules) againDue() (fired <-chan time.Time, stop func()) {
	r.loading.Lock()
	defer r.loading.Unlock()
	if r.waits == nil || r.waits.Revision != 0 || r.again.IsZero() {
		return nil, func() {}
	}
	return r.server.options.Clock.At(r.again)
}

// retry tries the rules that wait, where what stood in the way may have gone.
func (r *rules) retry(ctx context.Context) {
	r.loading.Lock()
	defer r.loading.Unlock()
	switch {
	case r.waits == nil || r.waits.Revision != 0:
	case r.stillStand(r.waits.stood):
		r.tryAgain(0)
	default:
		r.updateFiles(ctx)
	}
}

// stillStand reports whether one of the leads that were found on steps stands there
// still, of those that stay longest.
func (r *rules) stillStand(list []history.Stranded) bool {
	return slices.ContainsFunc(list, func(s history.Stranded) bool {
		var lead engine.Lead
		found, err := r.server.store.Lead(s.Last, &lead)
		return err == nil && found && s.Stands(&lead)
	})
}

// settled takes down that nothing of the files is left to be put in force: rules that
// waited are in force, or are rolled out, or the files say something else by now.
func (r *rules) settled(digest string) {
	running := r.server.runner.Program()
	switch w := r.waits; {
	case w == nil:
		return
	case w.Revision != 0:
		if w.Revision == running.Revision() {
			r.tellLate(w)
		} else if !w.Staged {
			r.keepWaiting(nil)
		}
	case w.Digest != digest, running.Digest() != digest && !r.rollouts.tries(digest):
		r.keepWaiting(nil)
	default:
		done := *w
		done.Revision, done.At, done.Staged = running.Revision(), engine.TimeOf(r.server.options.Clock.Now()), running.Digest() != digest
		r.keepWaiting(&done)
		r.noteDeed("retry-rules", "r"+fmt.Sprint(done.Revision))
		r.tellLate(&done)
		r.server.options.Log.Info("rules that had been refused went live by themselves, because nothing stands in their way any more",
			"revision", done.Revision, "staged", done.Staged, "by", done.Author, "refused", done.Since.In(nil))
	}
}

// superseded lets nothing of the files wait any more: other rules were applied, which
// stay until the files change.
func (r *rules) superseded() {
	if r.waits == nil || r.waits.Revision != 0 {
		return
	}
	r.keepWaiting(nil)
	r.note(dsl.Diagnostics{})
}

// noteDeed writes into the audit log what the server has done by itself.
func (r *rules) noteDeed(action, target string) {
	o := &r.server.options
	now := o.Clock.Now()
	e := store.AuditEntry{At: engine.TimeOf(now), Who: httpd.AuditSelf, Via: httpd.AuditSelf, Action: action, Target: target, Status: http.StatusOK}
	keep := cmp.Or(o.AuditKeep, httpd.DefaultAuditKeep)
	if _, err := r.server.store.BeginAudit(e, engine.TimeOf(now.Add(-keep))); err != nil {
		o.Log.Error("write the audit log", "action", action, "error", err)
	}
}

// tellLate lets the status tell of rules that went live after they had been refused.
func (r *rules) tellLate(w *waiting) {
	late := &httpd.RulesLate{Since: r.clockTime(w.Since), At: r.clockTime(w.At), Revision: w.Revision, Author: w.Author, Staged: w.Staged}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Late = late
}

// waitingDoc is what the status tells of rules that wait, nil where none do.
func (r *rules) waitingDoc() *httpd.RulesWaiting {
	w := r.waits
	if w == nil || w.Revision != 0 {
		return nil
	}
	return &httpd.RulesWaiting{Since: r.clockTime(w.Since), Author: w.Author, Leads: slices.ContainsFunc(w.stood, func(s history.Stranded) bool { return s.Leads > 0 })}
}

// clockTime is an instant on the project's clock.
func (r *rules) clockTime(t engine.Time) time.Time {
	if r.live != nil && r.live.Spec.Zone != nil {
		return t.In(r.live.Spec.Zone)
	}
	return t.In(time.UTC)
}
