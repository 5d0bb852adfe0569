package wire

import (
	"context"
	"io"
	"log"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// levelTrace is hclog's level below slog's lowest.
const levelTrace = slog.LevelDebug - 4

// NewLogger lets go-plugin, which speaks hclog, write to log. What it says about
// a process is nowhere more than a detail, because the supervisor tells the
// story: so nothing comes out above the level ceiling.
func NewLogger(log *slog.Logger, ceiling slog.Level) hclog.Logger {
	return &logger{log: log, ceiling: ceiling}
}

type logger struct {
	log     *slog.Logger
	ceiling slog.Level
	name    string
	args    []any
}

var _ hclog.Logger = (*logger)(nil)

func (l *logger) Log(level hclog.Level, msg string, args ...any) {
	to := min(slogLevel(level), l.ceiling)
	if level == hclog.Off || !l.log.Enabled(context.Background(), to) {
		return
	}
	l.log.Log(context.Background(), to, msg, pairs(args)...)
}

func (l *logger) Trace(msg string, args ...any) { l.Log(hclog.Trace, msg, args...) }
func (l *logger) Debug(msg string, args ...any) { l.Log(hclog.Debug, msg, args...) }
func (l *logger) Info(msg string, args ...any)  { l.Log(hclog.Info, msg, args...) }
func (l *logger) Warn(msg string, args ...any)  { l.Log(hclog.Warn, msg, args...) }
func (l *logger) Error(msg string, args ...any) { l.Log(hclog.Error, msg, args...) }

func (l *logger) IsTrace() bool { return l.enabled(hclog.Trace) }
func (l *logger) IsDebug() bool { return l.enabled(hclog.Debug) }
func (l *logger) IsInfo() bool  { return l.enabled(hclog.Info) }
func (l *logger) IsWarn() bool  { return l.enabled(hclog.Warn) }
func (l *logger) IsError() bool { return l.enabled(hclog.Error) }

func (l *logger) enabled(level hclog.Level) bool {
	return l.log.Enabled(context.Background(), min(slogLevel(level), l.ceiling))
}

func (l *logger) ImpliedArgs() []any { return l.args }
func (l *logger) Name() string       { return l.name }

func (l *logger) With(args ...any) hclog.Logger {
	sub := *l
	sub.log = l.log.With(pairs(args)...)
	sub.args = append(append([]any(nil), l.args...), args...)
	return &sub
}

func (l *logger) Named(name string) hclog.Logger {
	if l.name != "" {
		name = l.name + "." + name
	}
	return l.ResetNamed(name)
}

func (l *logger) ResetNamed(name string) hclog.Logger {
	sub := *l
	sub.name = name
	return &sub
}

// SetLevel does nothing: the level is the slog handler's.
func (l *logger) SetLevel(hclog.Level) {}

func (l *logger) GetLevel() hclog.Level {
	for _, level := range []hclog.Level{hclog.Trace, hclog.Debug, hclog.Info, hclog.Warn, hclog.Error} {
		if l.enabled(level) {
			return level
		}
	}
	return hclog.Off
}

func (l *logger) StandardLogger(o *hclog.StandardLoggerOptions) *log.Logger {
	return log.New(l.StandardWriter(o), "", 0)
}

func (l *logger) StandardWriter(*hclog.StandardLoggerOptions) io.Writer {
	return lineWriter{l}
}

type lineWriter struct{ l *logger }

func (w lineWriter) Write(b []byte) (int, error) {
	w.l.Info(string(b))
	return len(b), nil
}

// pairs makes every second argument a string, as slog wants its keys.
func pairs(args []any) []any {
	for i := 0; i < len(args); i += 2 {
		if _, ok := args[i].(string); !ok {
			return []any{"args", args}
		}
	}
	return args
}

func slogLevel(level hclog.Level) slog.Level {
	switch level {
	case hclog.Trace:
		return levelTrace
	case hclog.Debug, hclog.NoLevel:
		return slog.LevelDebug
	case hclog.Warn:
		return slog.LevelWarn
	case hclog.Error:
		return slog.LevelError
	}
	return slog.LevelInfo
}

// NewHandler is the slog handler of a plugin process: one JSON object a line in
// the form that hclog made customary ("@level", "@message", attributes beside
// them), so that hosts of any kind can read it. There is no "@timestamp": the
// host stamps what it reads.
func NewHandler(w io.Writer, level slog.Leveler) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: hclogNames})
}

func hclogNames(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		return slog.Attr{}
	case slog.MessageKey:
		a.Key = "@message"
	case slog.LevelKey:
		return slog.String("@level", levelName(a.Value.Any()))
	}
	return a
}

func levelName(v any) string {
	level, _ := v.(slog.Level)
	switch {
	case level < slog.LevelInfo:
		return "debug"
	case level < slog.LevelWarn:
		return "info"
	case level < slog.LevelError:
		return "warn"
	}
	return "error"
}
