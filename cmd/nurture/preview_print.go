package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// showPreview writes a message's files and tells what they hold.
func (c *cli) showPreview(w *workspace, p *previewed, out string) error {
	files := p.files()
	if out == "-" && !c.json {
		c.tellPreview(c.err, w, p, nil)
		for _, ending := range []string{".html", ".json"} {
			if _, err := io.WriteString(c.out, files[ending]); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		return nil
	}
	var written []string
	if out != "-" {
		if err := os.MkdirAll(out, 0o755); err != nil {
			return fmt.Errorf("write the preview: %w", err)
		}
		for _, ending := range slices.Sorted(maps.Keys(files)) {
			file := filepath.Join(out, safeName(p.name)+ending)
			if err := replaceFile(file, []byte(files[ending])); err != nil {
				return err
			}
			written = append(written, file)
		}
	}
	if c.json {
		doc := map[string]any{
			"ok": true, "template": p.content.Source(), "step": p.step, "variant": p.variant,
			"parts": p.others(), "files": orNone(written), "empty": p.empty,
		}
		if out == "-" {
			doc["html"], doc["text"] = files[".html"], files[".txt"]
		}
		return c.print(doc)
	}
	c.tellPreview(c.out, w, p, written)
	return nil
}

// safeName is a name as a file may have it.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
}

// tellPreview says what was rendered: where to, under which subject, into which
// files, and what the lead does not have.
func (c *cli) tellPreview(out io.Writer, w *workspace, p *previewed, written []string) {
	lang := c.language(w.Language)
	line := func(en, ja, value string) {
		if value != "" {
			fmt.Fprintf(out, "%s %s\n", pad(words(lang, en, ja), 12), value)
		}
	}
	line("template", "テンプレート", p.content.Source())
	line("step", "ステップ", p.step)
	line("variant", "バリアント", p.variant)
	parts := p.others()
	for _, part := range []struct{ name, en, ja string }{
		{"to", "to", "宛先"}, {"subject", "subject", "件名"}, {"preview", "preview", "プレビュー"},
	} {
		if v, ok := parts[part.name].(string); ok {
			line(part.en, part.ja, v)
		}
	}
	for _, file := range written {
		line("written", "書き出し", file)
	}
	if len(p.empty) > 0 {
		line("empty", "空の項目", strings.Join(p.empty, ", "))
	}
}

// partValue is a part as JSON has it.
func partValue(v engine.Value) any {
	switch v.Kind() {
	case engine.Number:
		return v.Number()
	case engine.Flag:
		return v.Flag()
	case engine.JSON:
		return json.RawMessage(v.Text())
	}
	return v.String()
}

// jsonLines is a value as JSON for people.
func jsonLines(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return "{}"
	}
	return strings.TrimRight(b.String(), "\n")
}
