// Package log is the channel that does nothing but say so: each action becomes a
// line of the server's log. It stands in for a channel that is not there yet, and
// shows when a step is reached.
package log

import (
	"context"
	"log/slog"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Channel writes to one log.
type Channel struct {
	log   *slog.Logger
	level slog.Level
	texts bool
	name  string
}

// New makes a log channel; to is where it writes, nil the process's own log.
func New(to *slog.Logger) *Channel { return &Channel{log: to} }

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "log", Version: "1.0.0",
		Summary: channel.Text{En: "Writes a line to the server's log", Ja: "サーバーのログに 1 行書きます"},
		Reach:   channel.ReachesSystem,
		Keyed:   false, // nobody remembers lines
		Config: []channel.Attribute{
			{Name: "level", Type: channel.TypeText, Default: "info", Choices: []string{"debug", "info", "warn", "error"}, Summary: channel.Text{
				En: "level of the lines", Ja: "ログのレベル",
			}},
			{Name: "show_text", Type: channel.TypeFlag, Summary: channel.Text{
				En: "write the message too; for trying out only, since it may hold personal data",
				Ja: "本文も書きます。個人データが含まれうるので、試すときだけ使ってください",
			}},
		},
		Steps: []channel.Step{{
			Kind:    "log",
			Summary: channel.Text{En: "writes a line to the server's log", Ja: "サーバーのログに 1 行書きます"},
			Attributes: []channel.Attribute{{
				Name: partMessage, Type: channel.TypeText, Required: true, Summary: channel.Text{En: "what to say", Ja: "書く内容"},
			}},
			Parts: []string{partMessage},
		}},
	}
}

const partMessage = "message"

// Configure understands the settings.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	if err := c.level.UnmarshalText([]byte(cfg.Text("level"))); err != nil {
		return err // the choices are checked before
	}
	c.texts, c.name = cfg.Flag("show_text"), cfg.Channel
	if c.log == nil {
		c.log = slog.Default()
	}
	if !c.texts {
		return nil
	}
	return channel.Diagnostics{{
		Severity: channel.SeverityWarning, Path: "show_text",
		Summary: channel.Text{En: "Messages stand in the log", Ja: "本文がログに残ります"},
		Detail: channel.Text{
			En: "what they say of people stays there; take show_text away when you have seen enough",
			Ja: "個人データがログに残ります。確認が終わったら show_text を消してください",
		},
	}}
}

// Do writes one line: whom it is about by the opaque id, and of what it says only
// how long it is, unless the text was asked for.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	names := make([]string, len(r.Parts))
	for i, p := range r.Parts {
		names[i] = p.Name
	}
	said := []any{"channel", c.name, "kind", r.Kind, "lead", r.Lead, "action", r.Key, "parts", strings.Join(names, " ")}
	text := r.Text(partMessage)
	if text == "" {
		text = r.Text("subject") // of a hand-over
	}
	if c.texts {
		said = append(said, "text", text)
	} else {
		said = append(said, "runes", len([]rune(text)))
	}
	c.log.Log(ctx, c.level, "action", said...)
	return channel.Accepted(""), nil
}
