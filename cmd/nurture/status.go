package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) statusVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "status",
		Short: "Show how a running server stands",
		Args:  cobra.NoArgs,
	}
	cl := c.serverFlags(verb)
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		var raw json.RawMessage
		if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/status", nil, &raw); err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"status": raw})
		}
		var st httpd.StatusDoc
		if err := json.Unmarshal(raw, &st); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		return c.printStatus(&st)
	}
	return verb
}

// printStatus writes a status for a person. A refused reload stands first: it is
// what somebody has to act on.
func (c *cli) printStatus(st *httpd.StatusDoc) error {
	lang := c.language("")
	if !st.Rules.OK {
		fmt.Fprintln(c.out, words(lang, "The files on disk have problems; the earlier revision keeps running:", "保存されたファイルに問題があるため、前のリビジョンのまま動いています:"))
		for _, p := range st.Rules.Problems {
			fmt.Fprintln(c.out, p)
		}
	}
	c.printWaiting(lang, &st.Rules)
	if !st.Rules.OK {
		fmt.Fprintln(c.out)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	row := func(en, ja, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", words(lang, en, ja), fmt.Sprintf(format, args...))
	}
	row("server", "サーバー", "%s, %s %s", st.State, words(lang, "since", "起動"), c.stamp(&st.Since))
	row("revision", "リビジョン", "r%d  %.12s", st.Revision, st.Digest)
	if r := st.Rollout; r != nil && (r.Active || r.Phase == "rolled_back") {
		row("rollout", "ロールアウト", "%s", r.Summary)
		for _, note := range []string{r.Unheard, r.Untold} {
			if note != "" {
				row("", "", "%s", note)
			}
		}
	}
	row("events", "イベント", words(lang, "%d decided, %d duplicates, %d leads new, %.0f/s", "判定 %d、重複 %d、新規リード %d、%.0f件/秒"),
		st.Events.Decided, st.Events.Duplicates, st.Events.NewLeads, st.Events.PerSecond)
	row("commits", "書き込み", words(lang, "%d, p50 %.1f ms, p99 %.1f ms", "%d回、p50 %.1f ms、p99 %.1f ms"), st.Commits.Count, st.Commits.P50, st.Commits.P99)
	row("queue", "待ち", words(lang, "%d events, %d own facts", "イベント %d、内部 %d"), st.Queue.Events, st.Queue.Facts)
	if st.DeadEvents > 0 {
		row("dead events", "受付不可", words(lang, "%d could not be taken: nurture event dead", "%d件。nurture event dead で確認できます"), st.DeadEvents)
	}
	for _, d := range st.Deliveries {
		var waiting int64
		for _, n := range d.Waiting {
			waiting += n
		}
		row("channel "+d.Channel, "チャネル "+d.Channel, words(lang, "%d waiting, %d done, %d retried, %d refused, %d unknown", "待ち %d、完了 %d、再試行 %d、拒否 %d、不明 %d"),
			waiting, d.Outcomes["done"], d.Outcomes["retry"], d.Outcomes["refused"], d.Outcomes["unknown"])
	}
	for _, d := range st.Deliveries {
		if d.Away != nil {
			row("away", "応答なし", words(lang, "the service behind channel %s has not answered since %s; what waits is kept and goes when it does",
				"チャネル %s の送信先が %s から応答していません。待っているものは保管され、応答が戻りしだい送ります"), d.Channel, c.stamp(d.Away))
		}
	}
	for _, p := range st.Plugins {
		row("plugin "+p.Channel, "プラグイン "+p.Channel, "%s %s, %s", p.Plugin, p.State, words(lang,
			fmt.Sprintf("%d restarts, %d MiB, %.1f s CPU", p.Restarts, p.Memory>>20, p.CPU),
			fmt.Sprintf("再起動 %d回、メモリ %d MiB、CPU %.1f 秒", p.Restarts, p.Memory>>20, p.CPU)))
		if p.Listening != "" {
			row("", "", "%s", words(lang, "not listening: ", "受信していません: ")+p.Listening)
		}
	}
	if sw := &st.Sweep; !sw.Done {
		row("news", "反映", words(lang, "%.0f%% of the leads have heard of the change of rules", "ルール変更の反映 %.0f%%"), sw.Share*100)
	}
	for i := range st.Pauses {
		row("paused", "一時停止", "%s", c.pauseText(lang, &st.Pauses[i]))
	}
	return w.Flush()
}
