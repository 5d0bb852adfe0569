package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// errDiffers ends kpi --verify when a figure is not what the journals tell.
var errDiffers = errors.New("kpi: figures differ from what the journals tell")

// verifyKPIs counts all figures anew from the journals.
func (c *cli) verifyKPIs(ctx context.Context, cl *client, o kpiOptions) error {
	doc, err := c.readVerify(ctx, cl, o)
	if err != nil {
		return err
	}
	if c.json {
		if err := c.print(map[string]any{"ok": len(doc.Differences) == 0, "verify": doc}); err != nil {
			return err
		}
	} else {
		c.printVerify(&doc)
	}
	if len(doc.Differences) > 0 {
		return &exit{code: exitFailed, err: errDiffers}
	}
	return nil
}

func (c *cli) readVerify(ctx context.Context, cl *client, o kpiOptions) (doc httpd.VerifyDoc, err error) {
	if o.data == "" {
		patient := *cl
		patient.http.Timeout = time.Hour // every journal is read
		return doc, patient.call(ctx, http.MethodGet, "/api/v1/verify", nil, &doc)
	}
	f, err := c.openFigures(figureOptions{workspace: o.workspace, data: o.data})
	if err != nil {
		return doc, err
	}
	defer f.close()
	at := programsOf(f.ledger)
	p := f.program
	if list, err := f.ledger.Revisions(); err == nil && len(list) > 0 {
		if last := at(list[len(list)-1].Number); last != nil {
			p = last // the workspace at hand may be another
		}
	}
	return httpd.ReadVerify(p, at, f.people, f.counts)
}

// programsOf gives the rules of past revisions from a store's archive. Each is
// compiled once.
func programsOf(st *store.Store) httpd.ProgramAt {
	var mu sync.Mutex
	have := map[uint32]*engine.Program{}
	return func(revision uint32) *engine.Program {
		mu.Lock()
		defer mu.Unlock()
		if p, ok := have[revision]; ok {
			return p
		}
		have[revision] = nil
		p, err := archivedProgram(st, revision)
		if err != nil {
			return nil // today's rules stand in
		}
		have[revision] = p
		return p
	}
}

// archivedProgram is a revision as it decided: the runs of canaries that were promoted
// are its own.
func archivedProgram(st *store.Store, revision uint32) (*engine.Program, error) {
	w, err := archived(st, revision)
	if err != nil {
		return nil, err
	}
	p, err := w.program(revision)
	if err != nil {
		return nil, err
	}
	list, err := st.Revisions()
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Number == revision {
			p = p.Promoting(list[i].Promoted)
		}
	}
	return p, nil
}

func (c *cli) printVerify(d *httpd.VerifyDoc) {
	lang := c.language("")
	say := func(en, ja string, args ...any) { fmt.Fprintf(c.out, words(lang, en, ja)+"\n", args...) }
	say("%d leads, %d counters, %d sums by hour and label", "リード %d 件、カウンター %d 個、時間・内訳別の合計 %d 個", d.Leads, d.Counters, d.Sums)
	if d.Moving > 0 {
		say("%d sums changed meanwhile and were not compared", "%d 個は途中で変わったため、比べていません", d.Moving)
	}
	if d.Explained > 0 {
		say("%d sums differ as %d merged and %d forgotten leads explain", "%d 個の違いは、統合されたリード（%d 件）と消去されたリード（%d 件）によるものです", d.Explained, d.Merged, d.Forgotten)
	}
	if len(d.Differences) == 0 {
		say("Every figure is what the journals tell.", "どの数字もジャーナルと一致しています。")
		return
	}
	rows := [][]string{{words(lang, "counter", "カウンター"), words(lang, "hour", "時間"), words(lang, "labels", "内訳"), words(lang, "counted", "集計値"), words(lang, "journals", "ジャーナル")}}
	for i := range d.Differences {
		v := &d.Differences[i]
		rows = append(rows, []string{fmt.Sprintf("%s/%d", v.Counter, v.Part), v.Hour.UTC().Format("2006-01-02T15Z"), v.Labels, whole(v.Counted), whole(v.Told)})
	}
	c.printRows(rows)
}
