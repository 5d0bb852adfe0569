package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) rolloutVerb() *cobra.Command {
	var watch bool
	verb := &cobra.Command{
		Use:   "rollout",
		Short: "Show how a change of rules goes live, step by step",
		Long: `rollout shows the change of rules that goes live step by step, as the rollout block of
the rules says: beside the running rules (shadow), for a part of the leads (canary), for
everybody. It tells how long the phase lasts yet, what the changed rules decide
otherwise and for whom, the key figures of the leads that try them beside those of all
others, and how the guards stand that would take the change back.

--watch goes on telling until the change is live or was taken back; it ends with 1 when
it was taken back.`,
		Example: "  nurture rollout\n  nurture rollout --watch\n  nurture rollout promote --why \"the campaign begins today\"\n  nurture rollout abort",
		Args:    cobra.NoArgs,
	}
	cl := c.serverFlags(verb)
	verb.Flags().BoolVar(&watch, "watch", false, "go on until the rollout has ended")
	show := func(cmd *cobra.Command, _ []string) error {
		if watch {
			return c.watchRollout(cmd.Context(), cl)
		}
		return c.showRollout(cmd.Context(), cl, http.MethodGet, "", nil)
	}
	verb.RunE = show
	status := &cobra.Command{
		Use: "status", Short: "Show how the rollout stands", Args: cobra.NoArgs, RunE: show,
		Long:    "status shows what rollout shows.",
		Example: "  nurture rollout status --json",
	}
	status.Flags().BoolVar(&watch, "watch", false, "go on until the rollout has ended")
	verb.AddCommand(
		status,
		c.rolloutDeed(cl, httpd.RolloutPromote, "Let the change go live for everybody now",
			`promote puts the change in force for everybody at once; what is left of shadow and bake
is skipped, and who did it and why is kept. It is refused when leads stand on steps
that the changed rules do not have and do not say where to go from.`),
		c.rolloutDeed(cl, httpd.RolloutAbort, "Take the change back",
			`abort puts the rules that ran before in force for everybody. Leads that were in a
changed workflow go on in the one that ran before, by the name of their step. The files
on disk are not tried again until they mean something else.`),
		c.rolloutDeed(cl, httpd.RolloutPause, "Stop the clock of the rollout",
			`pause stops the clock of the phase: nothing is promoted meanwhile. The guards go on
watching, and take the change back when one of them speaks.`),
		c.rolloutDeed(cl, httpd.RolloutResume, "Let the clock of the rollout go on",
			`resume lets the phase go on where it was paused.`),
	)
	return verb
}

// rolloutDeed is a verb by which somebody decides about a rollout.
func (c *cli) rolloutDeed(cl *client, deed, short, long string) *cobra.Command {
	var why string
	verb := &cobra.Command{
		Use: deed, Short: short, Long: long, Args: cobra.NoArgs,
		Example: fmt.Sprintf("  nurture rollout %s --why \"as agreed with sales\"", deed),
	}
	verb.Flags().StringVar(&why, "why", "", "reason; it is kept with the rollout")
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		return c.showRollout(cmd.Context(), cl, http.MethodPost, "/"+deed, map[string]string{"why": why})
	}
	return verb
}

// showRollout asks the server, or tells it something, and prints how the rollout
// stands.
func (c *cli) showRollout(ctx context.Context, cl *client, method, deed string, body any) error {
	var list httpd.RolloutList
	lang := c.language("")
	if err := cl.call(ctx, method, "/api/v1/rollout"+deed+"?"+url.Values{"lang": {lang}}.Encode(), body, &list); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "rollout": list.Rollout, "past": list.Past})
	}
	_, err := io.WriteString(c.out, httpd.RolloutText(&list, lang, c.place()))
	return err
}

// watchRollout follows the live feed until the rollout has ended.
func (c *cli) watchRollout(ctx context.Context, cl *client) error {
	feed, err := cl.open(ctx, "/api/v1/live")
	if err != nil {
		return err
	}
	defer feed.Close()
	in, event, last := bufio.NewReaderSize(feed, 64<<10), "", ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("follow the rollout: the server ended the connection: %w", err)
		}
		line = strings.TrimRight(line, "\r\n")
		if kind, ok := strings.CutPrefix(line, "event: "); ok {
			event = kind
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || event != "rollout" && event != "beat" {
			continue
		}
		phase, err := c.tellRollout(ctx, cl, event, data, &last)
		switch {
		case err != nil:
			return err
		case phase == "rolled_back":
			return failed(exitFailed)
		case phase == "promoted", phase == "replaced", phase == "none":
			return nil
		}
	}
}

// tellRollout prints what a message of the feed says that was not said before, and
// gives the phase when it ends the watch.
func (c *cli) tellRollout(ctx context.Context, cl *client, event, data string, last *string) (phase string, err error) {
	if event == "beat" {
		if *last != "" {
			return "", nil
		}
		var list httpd.RolloutList // without a rollout the feed tells of none
		if err := cl.call(ctx, http.MethodGet, "/api/v1/rollout", nil, &list); err != nil || list.Rollout != nil {
			return "", err
		}
		_, err := io.WriteString(c.out, httpd.RolloutText(&list, c.language(""), c.place()))
		return "none", err
	}
	var news httpd.RolloutNews
	if err := json.Unmarshal([]byte(data), &news); err != nil {
		return "", fmt.Errorf("read the server's answer: %w", err)
	}
	if *last != news.Summary {
		*last = news.Summary
		if c.json {
			if err := json.NewEncoder(c.out).Encode(map[string]any{"schema": schemaVersion, "rollout": news}); err != nil {
				return "", err
			}
		} else {
			fmt.Fprintf(c.out, "%s  %s\n", c.local(news.At).Format("15:04:05 MST"), news.Summary)
		}
	}
	return news.Phase, nil
}
