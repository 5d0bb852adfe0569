// Package postal is the channel that sends paper: it writes the addresses of a day
// into a file that the printer fetches, one piece a line, with its cost. A key
// stands in the files once, so that nobody gets a letter twice.
package postal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/dayfile"
)

// Channel writes into one folder.
type Channel struct {
	now      func() time.Time
	zone     *time.Location
	encoding dayfile.Encoding
	japan    bool // postcodes are those of Japan
	cost     float64
	costs    map[string]float64 // by piece
	currency string
	dryRun   bool
	files    *dayfile.Writer
}

// New makes a postal channel; now is the clock that says which day it is, nil the
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
	postcodesJapan = "japan"
	postcodesAny   = "any"
	partCost       = "cost"
)

var (
	nameForm     = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_-]{0,63}$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Configure understands the settings and sees that the folder can be written to.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	ds := c.readCosts(cfg)
	var err error
	if c.zone, err = time.LoadLocation(cfg.Text("timezone")); err != nil {
		ds = append(ds, wrong("timezone", "Unknown time zone", "知らないタイムゾーンです", `write "Asia/Tokyo" for instance`, "「Asia/Tokyo」のように書きます"))
	}
	if !filepath.IsAbs(cfg.Text("folder")) {
		ds = append(ds, wrong("folder", "Not an absolute path", "絶対パスではありません",
			`write "/srv/printer" for instance`, "「/srv/printer」のように書きます"))
	}
	name := cfg.Text("name")
	if name == "" {
		name = cfg.Channel
	}
	if !nameForm.MatchString(name) {
		ds = append(ds, wrong("name", "Not the beginning of a file's name", "ファイル名に使えません",
			"write letters, digits, _ and -", "文字、数字、_、- で書きます"))
	}
	if ds.Failed() {
		return ds
	}
	c.encoding = dayfile.Encoding(cfg.Text("encoding"))
	c.japan, c.dryRun = cfg.Text("postcodes") == postcodesJapan, cfg.Flag("dry_run")
	header, err := dayfile.Header(c.encoding, headerIn(cfg.Text("headers")))
	if err == nil {
		c.files, err = dayfile.Open(dayfile.Options{Folder: cfg.Text("folder"), Name: name, Ext: "csv", Header: header, Zone: c.zone})
	}
	if err != nil {
		return channel.Diagnostics{wrong("folder", "Folder cannot be used", "フォルダーを使えません",
			err.Error(), "フォルダーに書き込めるか確かめてください: "+err.Error())}
	}
	return nil
}

func (c *Channel) readCosts(cfg channel.Config) channel.Diagnostics {
	var ds channel.Diagnostics
	c.cost, c.costs, c.currency = cfg.Number("cost"), map[string]float64{}, cfg.Text("currency")
	if c.cost < 0 {
		ds = append(ds, wrong("cost", "Not a cost", "費用ではありません", "a cost is not below 0", "0 以上の数を書きます"))
	}
	costs := cfg.Map("costs")
	for _, piece := range slices.Sorted(maps.Keys(costs)) {
		n, err := strconv.ParseFloat(costs[piece], 64)
		if err != nil || !(n >= 0 && n <= 1e12) {
			ds = append(ds, wrong("costs."+piece, "Not a cost", "費用ではありません",
				`write a number in quotes, "240"`, "数を引用符で囲んで「240」のように書きます"))
		}
		c.costs[piece] = n
	}
	if !currencyForm.MatchString(c.currency) {
		ds = append(ds, wrong("currency", "Not a currency", "通貨ではありません",
			`write its three letters, "JPY"`, "「JPY」のような 3 文字で書きます"))
	}
	return ds
}

func wrong(path, en, ja, why, whyJa string) channel.Diagnostic {
	return channel.Wrong(path, channel.Text{En: en, Ja: ja}, channel.Text{En: why, Ja: whyJa})
}

func headerIn(language string) []string {
	words := func(en, ja string) string { return channel.Text{En: en, Ja: ja}.In(language) }
	names := []string{words("key", "管理番号"), words("date", "日付")}
	for _, l := range lines {
		names = append(names, l.header.In(language))
	}
	return append(names, words("cost", "費用"), words("currency", "通貨"))
}

// Check sees that the folder can still be written to.
func (c *Channel) Check(context.Context) error { return c.files.Check() }

// Do writes one address.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	replies, err := c.DoBatch(ctx, []channel.Request{r})
	if err != nil {
		return channel.Reply{}, err
	}
	return replies[0], nil
}

// DoBatch writes many addresses with one wait for the disk.
func (c *Channel) DoBatch(ctx context.Context, rs []channel.Request) ([]channel.Reply, error) {
	now := c.now()
	replies := make([]channel.Reply, len(rs))
	var letters []dayfile.Line
	for i, r := range rs {
		text, cost, refusal := c.letter(r, now)
		if refusal != nil {
			replies[i] = *refusal
			continue
		}
		replies[i] = channel.Accepted("dry run")
		if !c.dryRun {
			replies[i].Cost, replies[i].Currency = cost, c.currency
		}
		letters = append(letters, dayfile.Line{Key: r.Key, Text: text})
	}
	if c.dryRun {
		return replies, nil
	}
	name, err := c.files.Append(ctx, now, letters...)
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

// letter is the line of one piece with its cost, or the reason why it cannot be sent.
// A reason names the part and never what it holds.
func (c *Channel) letter(r channel.Request, now time.Time) ([]byte, float64, *channel.Reply) {
	refuse := func(code, detail string) ([]byte, float64, *channel.Reply) {
		reply := channel.Refuse(code, detail)
		return nil, 0, &reply
	}
	fields := []string{r.Key, now.In(c.zone).Format(time.DateOnly)}
	for _, l := range lines {
		text := strings.TrimSpace(norm.NFC.String(r.Text(l.name)))
		if l.name == "postcode" {
			sound := false
			if text, sound = c.postcode(text); !sound {
				return refuse("bad_postcode", "the postcode is not of the form 100-0001")
			}
		}
		if text == "" && l.required {
			return refuse("incomplete_address", l.name+" is empty")
		}
		fields = append(fields, text)
	}
	cost, sound := c.costOf(r)
	if !sound {
		return refuse("bad_cost", "cost is not a number from 0 up")
	}
	text, err := dayfile.Row(c.encoding, append(fields, strconv.FormatFloat(cost, 'f', -1, 64), c.currency))
	var odd *dayfile.UnencodableError
	if errors.As(err, &odd) {
		return refuse("not_in_encoding", fmt.Sprintf("%s has a character that Shift_JIS has not", headerIn("en")[odd.Field]))
	}
	if err != nil {
		return refuse("bad_address", err.Error())
	}
	return text, cost, nil
}

var postcodeForm = regexp.MustCompile(`^〒?\s*([0-9]{3})[-‐‑−–—ー]?([0-9]{4})$`)

// postcode brings a Japanese postcode to the form 100-0001, full-width digits and
// other dashes included.
func (c *Channel) postcode(text string) (string, bool) {
	if !c.japan || text == "" {
		return text, true
	}
	m := postcodeForm.FindStringSubmatch(norm.NFKC.String(text))
	if m == nil {
		return "", false
	}
	return m[1] + "-" + m[2], true
}

// costOf is the cost of a piece: the step's, the piece's, or the channel's.
func (c *Channel) costOf(r channel.Request) (float64, bool) {
	if v := r.Part(partCost); v != nil {
		n, ok := v.(float64)
		return n, ok && n >= 0
	}
	if n, ok := c.costs[strings.TrimSpace(r.Text("piece"))]; ok {
		return n, true
	}
	return c.cost, true
}
