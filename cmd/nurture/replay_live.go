package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// judgeLive lets the running server replay what it has recorded.
func (c *cli) judgeLive(ctx context.Context, cl *client, w *workspace, dir string, o *judgeOptions) (*httpd.ReplayDoc, error) {
	ask := httpd.ReplayAsk{
		SourceFiles: httpd.SourceFiles{Sources: w.Sources}, Names: []string{filepath.Base(dir), ""},
		Outcome: strings.TrimPrefix(o.outcome, "event."), Within: o.within, Last: o.last, Leads: o.leads,
	}
	switch {
	case o.against == "":
	case o.against == "running":
		ask.Running = true
	default:
		if _, ok := revisionNumber(o.against); ok {
			return nil, errors.New("with --live, --against names a folder of rules, or is \"running\" for the rules in force")
		}
		against, err := c.load(o.against, loadOptions{quiet: true})
		if err != nil {
			return nil, err
		}
		ask.Against, ask.Names[1] = against.Sources, filepath.Base(o.against)
	}
	doc := &httpd.ReplayDoc{}
	if err := cl.stream(ctx, "/api/v1/replay", "replay", ask, doc, c.progress()); err != nil {
		return nil, err
	}
	return doc, nil
}
