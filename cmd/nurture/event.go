package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) eventVerb() *cobra.Command {
	verb := &cobra.Command{Use: "event", Short: "Hand events to a running server, and see what could not be taken", Args: cobra.NoArgs}
	cl := c.serverFlags(verb)
	verb.AddCommand(c.eventSendVerb(cl), c.eventDeadVerb(cl))
	return verb
}

func (c *cli) eventSendVerb(cl *client) *cobra.Command {
	var user, visitor, id string
	at := whenFlag{name: "at"}
	verb := &cobra.Command{
		Use:   "send EVENT [NAME=VALUE …]",
		Short: "Send one event about one lead",
		Long: `send hands one event to the server and returns when it is durable. EVENT is the
name of a track call, or "identify" to set attributes. Values are numbers, true or
false, or texts; quote a text that looks like a number: name='"42"'.`,
		Example: "  nurture event send identify --user u1 email=tanaka@example.co.jp employees=320\n" +
			"  nurture event send page_viewed --user u1 path=/pricing dwell_seconds=42",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			call, err := eventCall(args, user, visitor, id)
			if err != nil {
				return err
			}
			if at.given {
				zone, err := cl.projectZone(cmd.Context())
				if err != nil {
					return err
				}
				when, err := c.readWhen(&at, zone, time.Now())
				if err != nil {
					return err
				}
				call["timestamp"] = when.From.Format(time.RFC3339Nano)
			}
			return c.sendEvent(cmd, cl, call)
		},
	}
	verb.Flags().StringVar(&user, "user", "", "userId of the lead")
	verb.Flags().StringVar(&visitor, "anonymous", "", "anonymousId of a visitor")
	verb.Flags().Var(&at, "at", "when it happened (default: now)")
	verb.Flags().StringVar(&id, "id", "", "messageId; the same one twice counts once (default: a new one)")
	return verb
}

// eventCall builds the call in Segment's form.
func eventCall(args []string, user, visitor, id string) (map[string]any, error) {
	if user == "" && visitor == "" {
		return nil, fmt.Errorf("say whom the event is about: --user ID or --anonymous ID")
	}
	values := map[string]any{}
	for _, arg := range args[1:] {
		name, text, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q is not of the form NAME=VALUE", arg)
		}
		values[name] = valueOf(text)
	}
	if id == "" {
		id = ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String()
	}
	call := map[string]any{"messageId": id}
	for name, v := range map[string]string{"userId": user, "anonymousId": visitor} {
		if v != "" {
			call[name] = v
		}
	}
	if args[0] == "identify" {
		call["type"], call["traits"] = "identify", values
	} else {
		call["type"], call["event"], call["properties"] = "track", args[0], values
	}
	return call, nil
}

// valueOf reads a value as it is written on a command line.
func valueOf(text string) any {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	var quoted string
	if json.Unmarshal([]byte(text), &quoted) == nil {
		return quoted
	}
	return text
}

func (c *cli) sendEvent(cmd *cobra.Command, cl *client, call map[string]any) error {
	var verdicts httpd.EventVerdicts
	if err := cl.call(cmd.Context(), http.MethodPost, "/api/v1/events", call, &verdicts); err != nil {
		return err
	}
	if len(verdicts.Events) != 1 {
		return fmt.Errorf("the server answered for %d events, not for one", len(verdicts.Events))
	}
	v := verdicts.Events[0]
	if c.json {
		if err := c.print(map[string]any{"ok": v.Verdict != "refused", "event": v}); err != nil {
			return err
		}
	} else {
		lang := c.language("")
		said := map[string]string{
			"accepted":  words(lang, "accepted and durable", "受け付け、保存しました"),
			"duplicate": words(lang, "known already, counted once", "受付済みのため、数えません"),
			"refused":   words(lang, "refused: ", "受け付けられません: ") + v.Detail,
		}
		fmt.Fprintf(c.out, "%s  %s\n", v.ID, said[v.Verdict])
	}
	if v.Verdict == "refused" {
		return failed(exitFailed)
	}
	return nil
}
