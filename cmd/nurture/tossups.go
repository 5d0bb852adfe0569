package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// tossUpOptions are the flags of toss-ups.
type tossUpOptions struct {
	state, answer, reason, offer string
	days, limit                  int
	csv                          bool
}

func (c *cli) tossUpsVerb() *cobra.Command {
	var o tossUpOptions
	verb := &cobra.Command{
		Use:   "toss-ups [NAME]",
		Short: "Show what was handed to sales and what became of it, by rule and version",
		Long: `toss-ups shows how good the hand-overs of every rule are, version by version: how
many were offered, accepted, sent back and why, not answered; what became an
opportunity and what was won, each rate with its 95 % interval; opportunities that
came without a hand-over; and how long it took from the signal to the answer to the
opportunity. Offers whose time for an outcome is not yet over are in no rate. Below
are the offers themselves, and who waits for a place. It asks a running server; with
--data it reads the state folder of a server that does not run.

--answer takes what sales say about the offer of --offer, on a running server.`,
		Example: "  nurture toss-ups\n  nurture toss-ups hot_lead --state rejected --days 90\n  nurture toss-ups --csv > offers.csv\n  nurture toss-ups --data /var/lib/nurture\n  nurture toss-ups --offer 1f2e… --answer rejected --reason no_budget",
		Args:    cobra.MaximumNArgs(1),
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	f := verb.Flags()
	f.StringVar(&o.state, "state", "", "only offers in this state: queued, dropped, offered, accepted, rejected, expired, opportunity, won, lost")
	f.IntVar(&o.days, "days", 0, "only offers of the last so many days (0: all)")
	f.IntVar(&o.limit, "limit", 20, "how many offers to list, at most 1000")
	f.BoolVar(&o.csv, "csv", false, "print the offers as CSV")
	f.StringVar(&o.offer, "offer", "", "id of the offer that --answer is about")
	f.StringVar(&o.answer, "answer", "", "what sales say: accepted or rejected")
	f.StringVar(&o.reason, "reason", "", "why it is rejected, as the rule declares it")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		return cl.within(cmd.Context(), func() error { return c.tossUps(cmd.Context(), cl, name, o) })
	}
	return verb
}

func (c *cli) tossUps(ctx context.Context, cl *client, name string, o tossUpOptions) error {
	switch {
	case (o.answer == "") != (o.offer == ""):
		return errors.New("toss-ups: --offer and --answer belong together")
	case o.answer != "" && cl.folder != "":
		return errors.New("toss-ups: --answer is told to a running server; leave out --data")
	case o.answer != "" && o.answer != "accepted" && o.answer != "rejected":
		return fmt.Errorf("toss-ups: --answer %q is neither accepted nor rejected", o.answer)
	case o.limit < 1 || o.limit > 1000:
		return errors.New("toss-ups: --limit is a number from 1 to 1000")
	case o.answer != "":
		var doc httpd.HandOverDoc
		order := httpd.AnswerOrder{Offer: o.offer, Answer: o.answer, Reason: o.reason}
		if err := cl.call(ctx, http.MethodPost, "/api/v1/toss-ups/answer", order, &doc); err != nil {
			return err
		}
		return c.printOffers(httpd.OfferList{Offers: []httpd.HandOverDoc{doc}}, o)
	}
	query := url.Values{"limit": {strconv.Itoa(o.limit)}}
	for key, value := range map[string]string{"toss_up": name, "state": o.state} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if o.days > 0 {
		query.Set("days", strconv.Itoa(o.days))
	}
	var list httpd.OfferList
	if err := cl.call(ctx, http.MethodGet, "/api/v1/toss-ups?"+query.Encode(), nil, &list); err != nil {
		return err
	}
	return c.printOffers(list, o)
}

// printOffers prints the answer as it was asked for.
func (c *cli) printOffers(list httpd.OfferList, o tossUpOptions) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "toss_ups": list.TossUps, "offers": list.Offers, "next": list.Next})
	}
	if o.csv {
		return c.offersCSV(list.Offers)
	}
	if list.TossUps != nil {
		if err := c.qualityTable(list.TossUps); err != nil {
			return err
		}
	}
	return c.offersTable(list.Offers)
}

func (c *cli) offersCSV(offers []httpd.HandOverDoc) error {
	w := csv.NewWriter(c.out)
	rows := [][]string{{"id", "toss_up", "lead", "owner", "state", "reason", "score", "signal", "asked", "offered", "answered", "opportunity", "closed", "doubted", "revision", "rule"}}
	for i := range offers {
		d := &offers[i]
		rows = append(rows, []string{
			d.ID, d.TossUp, d.Lead, d.Owner, d.State, d.Reason, strconv.FormatFloat(d.Score, 'f', -1, 64), c.offerStamp(d.Signal), c.offerStamp(d.Asked),
			c.offerStamp(d.Offered), c.offerStamp(d.Answered), c.offerStamp(d.Opportunity), c.offerStamp(d.Closed), strconv.FormatBool(d.Doubted),
			strconv.FormatUint(uint64(d.Revision), 10), d.Rule,
		})
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write the offers: %w", err)
	}
	return nil
}

func (c *cli) offerStamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return c.local(*t).Format(time.RFC3339)
}

// qualityTable prints a line for each version of each rule.
func (c *cli) qualityTable(docs []httpd.TossUpDoc) error {
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	lang := c.language("")
	line := func(cells ...string) { fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t")) }
	line(words(lang, "RULE", "ルール"), words(lang, "REVISIONS", "版"), words(lang, "OFFERED", "引き渡し"), words(lang, "YOUNG", "評価前"), words(lang, "ACCEPTED", "受け入れ"),
		words(lang, "REJECTED", "差し戻し"), words(lang, "EXPIRED", "返事なし"), words(lang, "OPPORTUNITIES", "商談"), words(lang, "WON", "受注"),
		words(lang, "PRECISION", "商談率"), words(lang, "MISSED", "見逃し"), words(lang, "SIGNAL→ANSWER→OPPORTUNITY", "合図→返事→商談"), words(lang, "VERDICT", "評価"))
	for i := range docs {
		t := &docs[i]
		for j := range t.Versions {
			v := &t.Versions[j]
			missed, verdict := "", ""
			if j == 0 {
				missed = strconv.FormatInt(t.Missed, 10)
			}
			if v.Verdict != nil {
				verdict = httpd.VerdictText(v.Verdict, lang)
			}
			line(t.Name, httpd.VersionName(v), strconv.FormatInt(v.Offered, 10), strconv.FormatInt(v.Young, 10), strconv.FormatInt(v.Accepted, 10),
				strconv.FormatInt(v.Rejected, 10), strconv.FormatInt(v.Expired, 10), strconv.FormatInt(v.Opportunities, 10), strconv.FormatInt(v.Won, 10),
				httpd.RateText(v.Precision), missed, cmp.Or(v.ToTouch, "–")+" → "+cmp.Or(v.ToOpportunity, "–"), verdict)
		}
		if len(t.Versions) == 0 {
			line(t.Name, "–", "0", "0", "0", "0", "0", "0", "0", "–", strconv.FormatInt(t.Missed, 10), "", "")
		}
	}
	return w.Flush()
}

func (c *cli) offersTable(offers []httpd.HandOverDoc) error {
	if len(offers) == 0 {
		return nil
	}
	fmt.Fprintln(c.out)
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	lang := c.language("")
	fmt.Fprintln(w, strings.Join([]string{
		words(lang, "OFFER", "引き渡し"), words(lang, "RULE", "ルール"), words(lang, "LEAD", "リード"), words(lang, "OWNER", "担当"),
		words(lang, "STATE", "状態"), words(lang, "OFFERED", "渡した日時"), words(lang, "REASON", "理由"),
	}, "\t"))
	for i := range offers {
		d := &offers[i]
		fmt.Fprintln(w, strings.TrimRight(strings.Join([]string{d.ID, d.TossUp, d.Lead[:min(8, len(d.Lead))], cmp.Or(d.Owner, "–"), d.State, cmp.Or(c.offerStamp(d.Offered), "–"), d.Reason}, "\t"), "\t"))
	}
	return w.Flush()
}
