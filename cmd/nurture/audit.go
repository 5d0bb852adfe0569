package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/store"
)

func (c *cli) auditVerb() *cobra.Command {
	var data, who, action, target string
	since, until := whenFlag{name: "since"}, whenFlag{name: "until"}
	var limit int
	verb := &cobra.Command{
		Use: "audit", Short: "Show who changed what, and when", Args: cobra.NoArgs,
		Long: `audit shows what was changed through the API, the console and the verbs: when, by
which key, what, and what came of it; the newest first. Rules that were changed in
their files stand in the list of revisions. Entries hold no personal data, and leave
the log after the time that serve was given with --audit-keep. audit asks a running
server, or opens the data folder of one that does not run (--data).`,
		Example: "  nurture audit\n  nurture audit --since 7d --who ci\n  nurture audit --action pause --json",
	}
	cl := c.serverFlags(verb)
	flags := verb.Flags()
	flags.StringVar(&data, "data", "", "data folder of a server that does not run")
	flags.Var(&since, "since", "from this day or instant on, or so long ago, as 7d (default: all)")
	flags.Var(&until, "until", "before this instant, or to the end of this day")
	flags.StringVar(&who, "who", "", "only what this key did, by its name")
	flags.StringVar(&action, "action", "", "only this operation, by its name in the API")
	flags.StringVar(&target, "about", "", "only what was about this, as the list shows it")
	flags.IntVar(&limit, "limit", 100, "how many at most, up to 1000")
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := atMost("limit", limit, 1000); err != nil {
			return err
		}
		q := httpd.AuditQuery{Limit: limit, Who: who, Action: action, Target: target}
		var err error
		if q.Since, q.Until, err = c.typedBoth(&since, &until); err != nil {
			return err
		}
		var list httpd.AuditList
		if data != "" {
			list, err = c.auditOfFolder(data, &q)
		} else {
			query := url.Values{
				"limit": {strconv.Itoa(limit)}, "who": {who}, "action": {action}, "target": {target},
				"since": {string(q.Since)}, "until": {string(q.Until)},
			}
			err = cl.call(cmd.Context(), http.MethodGet, "/api/v1/audit?"+query.Encode(), nil, &list)
		}
		if err != nil {
			return err
		}
		return c.printAudit(&list)
	}
	return verb
}

// auditOfFolder reads the audit log of a server that does not run.
func (c *cli) auditOfFolder(dir string, q *httpd.AuditQuery) (list httpd.AuditList, err error) {
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return list, fmt.Errorf("open the data folder: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	c.zoneOf(s)
	return httpd.ReadAudit(s, q, httpd.Times{Zone: c.place(), Now: time.Now()})
}

func (c *cli) printAudit(list *httpd.AuditList) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "entries": list.Entries, "next": list.Next})
	}
	lang := c.language("")
	if len(list.Entries) == 0 {
		fmt.Fprintln(c.out, words(lang, "Nothing was changed.", "変更はありません。"))
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, words(lang, "WHEN\tWHO\tVIA\tWHAT\tABOUT\tOUTCOME", "日時\t誰が\t経路\t何を\t対象\t結果"))
	for i := range list.Entries {
		e := &list.Entries[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.stamp(e.At), e.Who, e.Via, e.Action, e.Target, auditOutcome(lang, e))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if list.Next != "" {
		fmt.Fprintln(c.err, words(lang, "There are older entries: raise --limit or narrow by --since.", "これより古い記録があります。--limit を増やすか、--since で絞ってください。"))
	}
	return nil
}

func auditOutcome(lang string, e *httpd.AuditDoc) string {
	switch {
	case e.OK:
		return words(lang, "done", "完了")
	case e.Status == 0:
		return words(lang, "not known: the process ended", "不明（途中で終了）")
	}
	return words(lang, "refused ", "拒否 ") + strconv.Itoa(e.Status)
}
