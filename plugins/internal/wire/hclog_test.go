package wire

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
)

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	l := NewLogger(slog.New(handler), slog.LevelInfo)
	l.Error("never above the ceiling", "n", 1)
	l.Trace("below the level")
	l.With("who", "me").Named("sub").Named("two").Debug("named")
	l.Info("odd", 5, "x")
	l.Log(hclog.Off, "off")
	l.StandardLogger(nil).Print("standard")
	want := []string{
		`level=INFO msg="never above the ceiling" n=1`,
		`level=DEBUG msg=named who=me`,
		`level=INFO msg=odd args="[5 x]"`,
		`level=INFO msg="standard\n"`,
	}
	if got := strings.TrimSpace(out.String()); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if l.IsTrace() || !l.IsDebug() || !l.IsError() || l.GetLevel() != hclog.Debug || l.Named("a").Named("b").Name() != "a.b" {
		t.Error("levels or names are wrong")
	}
}

// What the handler writes is what hosts read: texts under "@level" and
// "@message", whatever the attributes are called.
func TestHandler(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(NewHandler(&out, slog.LevelInfo))
	log.Debug("not this")
	log.Warn("料金", "n", 5, slog.Group("g", "level", "x"))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	group, _ := line["g"].(map[string]any)
	if line["@level"] != "warn" || line["@message"] != "料金" || line["n"] != 5.0 || group["level"] != "x" || len(line) != 4 {
		t.Errorf("%v", line)
	}
}
