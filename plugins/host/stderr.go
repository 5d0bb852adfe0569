package host

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sort"
	"strings"
	"sync"
)

const (
	maxLine   = 4096 // bytes of a line that are read; the rest is dropped
	maxAttrs  = 16   // attributes of a JSON line
	lineRate  = 100  // lines a second that reach the log
	tailLines = 5    // last lines kept, for the error of a plugin that dies at its start
)

// lines re-frames what a plugin writes to its standard error, line by line, into
// our log. go-plugin never sees it: there, one line of odd JSON ends the host.
//
// A line is JSON in hclog's, slog's, pino's or bunyan's manner, or plain text.
// Whatever it is, it is cut, stripped of secrets and addresses, and counted
// against a rate.
type lines struct {
	log    *slog.Logger
	clock  Clock
	redact redactor

	mu      sync.Mutex
	panics  bool  // a Go panic is being printed
	second  int64 // the second that count and dropped belong to
	count   int
	dropped int
	tail    []string
}

// read logs r line by line until it ends. level is the level of plain text.
func (l *lines) read(r io.Reader, level slog.Level) {
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := br.ReadSlice('\n')
		l.write(line, level)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = br.ReadSlice('\n')
		}
		if err != nil {
			break
		}
	}
	l.flush()
}

// write logs one line.
func (l *lines) write(raw []byte, level slog.Level) {
	line := strings.TrimRight(string(raw), "\r\n")
	if strings.TrimSpace(line) == "" || !l.allow() {
		return
	}
	entry := parseLine(line, level)
	l.mu.Lock()
	if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
		l.panics = true
	}
	if l.panics && !entry.json {
		entry.level = slog.LevelError
	}
	l.mu.Unlock()
	said := make([]any, len(entry.attrs))
	for i, a := range entry.attrs {
		said[i] = slog.String(a.Key, l.redact.text(a.Value.String(), maxDetail))
	}
	message := l.redact.text(entry.message, maxLine)
	l.keep(message)
	l.log.Log(context.Background(), entry.level, message, slog.Group("said", said...))
}

// allow counts a line against the rate and tells, once a second, how many were
// dropped.
func (l *lines) allow() bool {
	now := l.clock.Now().Unix()
	l.mu.Lock()
	dropped := 0
	if now != l.second {
		dropped, l.dropped, l.count, l.second = l.dropped, 0, 0, now
	}
	l.count++
	ok := l.count <= lineRate
	if !ok {
		l.dropped++
	}
	l.mu.Unlock()
	l.tellDropped(dropped)
	return ok
}

func (l *lines) flush() {
	l.mu.Lock()
	dropped := l.dropped
	l.dropped = 0
	l.mu.Unlock()
	l.tellDropped(dropped)
}

func (l *lines) tellDropped(n int) {
	if n > 0 {
		l.log.Warn(fmt.Sprintf("plugin wrote too much: %d lines dropped", n), "dropped", n)
	}
}

func (l *lines) keep(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, cut(message, 200))
	if len(l.tail) > tailLines {
		l.tail = l.tail[1:]
	}
}

// last is the end of what the plugin wrote, on one line.
func (l *lines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.tail, " / ")
}

// entry is a line understood.
type entry struct {
	level   slog.Level
	message string
	attrs   []slog.Attr
	json    bool
}

func parseLine(line string, level slog.Level) entry {
	if e, ok := parseJSONLine(line, level); ok {
		return e
	}
	e := entry{level: level, message: line}
	for prefix, to := range map[string]slog.Level{
		"[TRACE]": slog.LevelDebug, "[DEBUG]": slog.LevelDebug, "[INFO]": slog.LevelInfo,
		"[WARN]": slog.LevelWarn, "[ERROR]": slog.LevelError,
	} {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return entry{level: to, message: strings.TrimSpace(rest)}
		}
	}
	return e
}

// parseJSONLine understands a JSON object that has a message which is a text.
// Anything else is plain text, however much it looks like JSON.
func parseJSONLine(line string, level slog.Level) (entry, bool) {
	var object map[string]any
	if line[0] != '{' || json.Unmarshal([]byte(line), &object) != nil {
		return entry{}, false
	}
	message, ok := pick(object, "@message", "msg", "message").(string)
	if !ok {
		return entry{}, false
	}
	e := entry{level: jsonLevel(pick(object, "@level", "level"), level), message: message, json: true}
	pick(object, "@timestamp", "time", "timestamp")
	pick(object, "@module", "pid")
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names[:min(len(names), maxAttrs)] {
		e.attrs = append(e.attrs, slog.String(cut(name, 64), jsonText(object[name])))
	}
	return e, true
}

// pick takes the first of the names out of the object.
func pick(object map[string]any, names ...string) any {
	for _, name := range names {
		if v, ok := object[name]; ok {
			delete(object, name)
			return v
		}
	}
	return nil
}

func jsonText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(b)
}

// jsonLevel reads a level's name, or its number as pino and bunyan write it.
func jsonLevel(v any, otherwise slog.Level) slog.Level {
	switch v := v.(type) {
	case string:
		switch strings.ToLower(v) {
		case "trace", "debug":
			return slog.LevelDebug
		case "info":
			return slog.LevelInfo
		case "warn", "warning":
			return slog.LevelWarn
		case "error", "fatal", "panic":
			return slog.LevelError
		}
	case float64:
		switch {
		case v >= 50:
			return slog.LevelError
		case v >= 40:
			return slog.LevelWarn
		case v >= 30:
			return slog.LevelInfo
		}
		return slog.LevelDebug
	}
	return otherwise
}
