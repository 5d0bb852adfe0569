package log

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func written(t *testing.T, values map[string]any) (string, channel.Diagnostics) {
	t.Helper()
	var out bytes.Buffer
	c := New(slog.New(slog.NewTextHandler(&out, nil)))
	cfg, ds := channel.NewConfig(c.Describe(), "trace", values)
	if ds.Failed() {
		return "", ds
	}
	var more channel.Diagnostics
	errors.As(c.Configure(context.Background(), cfg), &more)
	reply, err := c.Do(t.Context(), channel.Request{Key: "k1", Kind: "log", Lead: "01LEAD", Parts: []channel.Part{{Name: "message", Value: "田中様 reached it"}}})
	if err != nil || reply.Outcome != channel.Done {
		t.Errorf("%v (%v)", reply, err)
	}
	return out.String(), more
}

func TestLine(t *testing.T) {
	t.Parallel()
	line, ds := written(t, nil)
	if len(ds) > 0 || strings.Contains(line, "田中") ||
		!strings.Contains(line, "channel=trace kind=log lead=01LEAD action=k1 parts=message runes=14") {
		t.Errorf("%s %v", line, ds)
	}
	line, ds = written(t, map[string]any{"show_text": true, "level": "warn"})
	if !strings.Contains(line, "level=WARN") || !strings.Contains(line, "田中") {
		t.Error(line)
	}
	if ds.Failed() || len(ds) != 1 || ds[0].Path != "show_text" {
		t.Errorf("%+v", ds)
	}
	if line, _ = written(t, map[string]any{"level": "debug"}); line != "" {
		t.Errorf("a line below the log's level: %s", line)
	}
	if _, ds = written(t, map[string]any{"level": "loud"}); !ds.Failed() || ds[0].Path != "level" {
		t.Errorf("%+v", ds)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Parts: func(int) []channel.Part {
			return []channel.Part{{Name: "message", Value: "tanaka@example.co.jp reached it"}}
		},
		Large: func(text string) []channel.Part { return []channel.Part{{Name: "message", Value: text}} },
	})
}
