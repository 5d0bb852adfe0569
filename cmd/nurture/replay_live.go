package main

import (
	"context"
	"fmt"
	"net/http"
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
		sources, name, err := c.liveAgainst(ctx, cl, o.against)
		if err != nil {
			return nil, err
		}
		ask.Against, ask.Names[1] = sources, name
	}
	doc := &httpd.ReplayDoc{}
	if err := cl.stream(ctx, "/api/v1/replay", "replay", ask, doc, c.progress()); err != nil {
		return nil, err
	}
	return doc, nil
}

// liveAgainst are the rules to compare with: a revision of the server's archive, or
// those of a folder.
func (c *cli) liveAgainst(ctx context.Context, cl *client, against string) (sources map[string][]byte, name string, err error) {
	if number, ok := revisionNumber(against); ok {
		var files httpd.SourceFiles
		err := cl.call(ctx, http.MethodGet, fmt.Sprintf("/api/v1/revisions/%d/sources", number), nil, &files)
		return files.Sources, against, err
	}
	w, err := c.load(against, loadOptions{quiet: true})
	if err != nil {
		return nil, "", err
	}
	return w.Sources, filepath.Base(against), nil
}
