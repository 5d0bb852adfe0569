// Package file is the channel that writes what happens into files: one record an
// action, a file a day, as NDJSON or CSV, for whoever loads them elsewhere. A key
// stands in the files once.
package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/dayfile"
)

// Channel writes into one folder.
type Channel struct {
	now      func() time.Time
	csv      bool
	encoding dayfile.Encoding
	columns  []string
	files    *dayfile.Writer
}

// New makes a file channel; now is the clock that says which day it is, nil the
// system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now}
}

var (
	_ channel.BatchDoer = (*Channel)(nil)
	_ channel.Checker   = (*Channel)(nil)
)

const (
	formatNDJSON = "ndjson"
	formatCSV    = "csv"
	partRecord   = "record"
)

// The columns that every action has beside those of its record.
var fixed = []string{"key", "at", "lead", "kind"}

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "file", Version: "1.0.0",
		Summary: channel.Text{En: "Writes records into a file a day (NDJSON or CSV)", Ja: "記録を 1 日 1 ファイル（NDJSON か CSV）に書き出します"},
		Reach:   channel.ReachesSystem, Keyed: true,
		Concurrency: 1, BatchMax: 256,
		Timeout: channel.Seconds(30 * time.Second),
		Config: []channel.Attribute{
			{Name: "folder", Type: channel.TypeText, Required: true, Summary: channel.Text{
				En: "folder of the files, an absolute path; made where it is missing", Ja: "ファイルを置くフォルダーの絶対パス。なければ作ります",
			}},
			{Name: "name", Type: channel.TypeText, Summary: channel.Text{
				En: "beginning of the files' names; the channel's name by default", Ja: "ファイル名の先頭。省略時はチャネル名",
			}},
			{Name: "format", Type: channel.TypeText, Default: formatNDJSON, Choices: []string{formatNDJSON, formatCSV}, Summary: channel.Text{
				En: "form of the files", Ja: "ファイルの形式",
			}},
			{Name: "columns", Type: channel.TypeList, Summary: channel.Text{
				En: "columns of a CSV file: names of the record, and key, at, lead, kind", Ja: "CSV の列。record の名前と key、at、lead、kind",
			}},
			{Name: "encoding", Type: channel.TypeText, Default: string(dayfile.UTF8), Choices: dayfile.Encodings(), Summary: channel.Text{
				En: "encoding of a CSV file", Ja: "CSV の文字コード",
			}},
			{Name: "timezone", Type: channel.TypeText, Default: "UTC", Summary: channel.Text{
				En: "where a day begins at midnight, \"Asia/Tokyo\"", Ja: "日付の変わり目を決めるタイムゾーン「Asia/Tokyo」",
			}},
		},
		Steps: []channel.Step{{
			Kind:    "file",
			Summary: channel.Text{En: "writes one record about the lead", Ja: "リードについての記録を 1 行書きます"},
			Attributes: []channel.Attribute{{
				Name: partRecord, Type: channel.TypeObject, Required: true, Summary: channel.Text{En: "names and values of the record", Ja: "記録する名前と値"},
			}},
			Parts: []string{partRecord},
		}},
	}
}

var nameForm = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`)

// Configure understands the settings and sees that the folder can be written to.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	var ds channel.Diagnostics
	zone, err := time.LoadLocation(cfg.Text("timezone"))
	if err != nil {
		ds = append(ds, channel.Wrong("timezone",
			channel.Text{En: "Unknown time zone", Ja: "知らないタイムゾーンです"},
			channel.Text{En: `write "Asia/Tokyo" for instance`, Ja: "「Asia/Tokyo」のように書きます"}))
	}
	if !filepath.IsAbs(cfg.Text("folder")) {
		ds = append(ds, channel.Wrong("folder",
			channel.Text{En: "Not an absolute path", Ja: "絶対パスではありません"},
			channel.Text{En: `write "/var/lib/nurture/export" for instance`, Ja: "「/var/lib/nurture/export」のように書きます"}))
	}
	name := cfg.Text("name")
	if name == "" {
		name = cfg.Channel
	}
	if !nameForm.MatchString(name) {
		ds = append(ds, channel.Wrong("name",
			channel.Text{En: "Not the beginning of a file's name", Ja: "ファイル名に使えません"},
			channel.Text{En: "write letters, digits, _ and -", Ja: "文字、数字、_、- で書きます"}))
	}
	c.csv, c.encoding = cfg.Text("format") == formatCSV, dayfile.Encoding(cfg.Text("encoding"))
	c.columns = cfg.List("columns")
	ds = append(ds, c.checkColumns()...)
	if ds.Failed() {
		return ds
	}
	return c.open(cfg.Text("folder"), name, zone)
}

func (c *Channel) checkColumns() channel.Diagnostics {
	wrong := func(path, en, ja string) channel.Diagnostics {
		return channel.Diagnostics{channel.Wrong(path, channel.Text{En: "Wrong columns", Ja: "列の指定が違います"}, channel.Text{En: en, Ja: ja})}
	}
	switch {
	case c.csv && len(c.columns) == 0:
		return wrong("columns", `a CSV file has fixed columns: write columns = ["key", "at", "email"] for instance`,
			`CSV には列が必要です。columns = ["key", "at", "email"] のように書きます`)
	case !c.csv && len(c.columns) > 0:
		return wrong("columns", `columns belong to format = "csv"; an NDJSON line holds the whole record`,
			`columns は format = "csv" のときに使います。NDJSON には record がそのまま入ります`)
	case !c.csv && c.encoding != dayfile.UTF8:
		return wrong("encoding", "NDJSON is UTF-8", "NDJSON の文字コードは UTF-8 です")
	}
	return nil
}

func (c *Channel) open(folder, name string, zone *time.Location) error {
	o := dayfile.Options{Folder: folder, Name: name, Ext: formatNDJSON, Zone: zone}
	if c.csv {
		header, err := dayfile.Header(c.encoding, c.columns)
		if err != nil {
			return channel.Diagnostics{channel.Wrong("columns",
				channel.Text{En: "Wrong columns", Ja: "列の指定が違います"},
				channel.Text{En: "a name has a character that Shift_JIS has not", Ja: "Shift_JIS にない文字が列名にあります"})}
		}
		o.Ext, o.Header = formatCSV, header
	}
	files, err := dayfile.Open(o)
	if err != nil {
		return channel.Diagnostics{channel.Wrong("folder",
			channel.Text{En: "Folder cannot be used", Ja: "フォルダーを使えません"},
			channel.Text{En: err.Error(), Ja: "フォルダーに書き込めるか確かめてください: " + err.Error()})}
	}
	c.files = files
	return nil
}

// Check sees that the folder can still be written to.
func (c *Channel) Check(context.Context) error { return c.files.Check() }

// Do writes one record.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	replies, err := c.DoBatch(ctx, []channel.Request{r})
	if err != nil {
		return channel.Reply{}, err
	}
	return replies[0], nil
}

// DoBatch writes many records with one wait for the disk.
func (c *Channel) DoBatch(ctx context.Context, rs []channel.Request) ([]channel.Reply, error) {
	now := c.now()
	replies := make([]channel.Reply, len(rs))
	var lines []dayfile.Line
	for i, r := range rs {
		text, err := c.line(r, now)
		if err != nil {
			replies[i] = channel.Refuse("bad_record", err.Error())
			continue
		}
		replies[i] = channel.Accepted("")
		lines = append(lines, dayfile.Line{Key: r.Key, Text: text})
	}
	name, err := c.files.Append(ctx, now, lines...)
	for i := range replies {
		switch {
		case replies[i].Outcome == channel.Refused:
		case errors.Is(err, dayfile.ErrBroken):
			replies[i] = channel.Uncertain("disk", err.Error())
		case err != nil:
			replies[i] = channel.Again(0, "disk", err.Error())
		default:
			replies[i].Provider = name
		}
	}
	return replies, nil
}

func (c *Channel) line(r channel.Request, now time.Time) ([]byte, error) {
	record, err := recordOf(r)
	if err != nil {
		return nil, err
	}
	for i, v := range []string{r.Key, now.UTC().Format(time.RFC3339), r.Lead, r.Kind} {
		record[fixed[i]] = v
	}
	if !c.csv {
		b, err := json.Marshal(ordered(record))
		return append(b, '\n'), err
	}
	fields := make([]string, len(c.columns))
	for i, name := range c.columns {
		fields[i] = cell(record[name])
	}
	b, err := dayfile.Row(c.encoding, fields)
	var odd *dayfile.UnencodableError
	if errors.As(err, &odd) {
		return nil, fmt.Errorf("column %s has a character that Shift_JIS has not", c.columns[odd.Field])
	}
	return b, err
}

// recordOf is the record with what else the action brings, a hand-over's subject
// and reasons for instance.
func recordOf(r channel.Request) (map[string]any, error) {
	record := map[string]any{}
	for _, p := range r.Parts {
		if p.Name != partRecord {
			record[p.Name] = p.Value
		}
	}
	raw, isJSON := r.Part(partRecord).(json.RawMessage)
	switch {
	case isJSON && readExactly(raw, &record) != nil:
		return nil, errors.New("part record is not a JSON object")
	case !isJSON && r.Text(partRecord) != "":
		record[partRecord] = r.Text(partRecord)
	}
	if len(record) == 0 {
		return nil, errors.New("there is nothing to write: part record is missing")
	}
	return record, nil
}

// readExactly reads JSON and leaves numbers as they are written.
func readExactly(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(into)
}

// ordered writes the fixed columns first and the others by name, so that a line
// always has the same bytes.
type ordered map[string]any

// MarshalJSON implements json.Marshaler.
func (o ordered) MarshalJSON() ([]byte, error) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(o)), func(n string) bool { return slices.Contains(fixed, n) })
	b := []byte{'{'}
	for i, name := range append(slices.Clone(fixed), names...) {
		value, err := json.Marshal(o[name])
		if err != nil {
			return nil, fmt.Errorf("%s is nothing that JSON can say", name)
		}
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(name) // a text
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// cell is a value in a CSV file.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	b, _ := json.Marshal(v) // it came from JSON, or is a flag
	return string(b)
}
