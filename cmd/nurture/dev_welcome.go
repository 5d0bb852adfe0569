package main

import (
	"fmt"
	"strings"
	"time"
)

// welcome says where everything is.
func (c *cli) welcome(d *devWorld) error {
	url := d.server.url()
	if c.json {
		return c.print(map[string]any{
			"url": url + "/", "mailbox": url + "/mailbox", "sales": url + "/sales", "smtp": d.mailbox.Addr(),
			"workspace": d.place.workspace, "speed": d.clock.Speed().String(), "start": d.clock.Start().Format(time.RFC3339), "seed": d.options.Seed,
		})
	}
	lang := d.lang(c)
	var b strings.Builder
	fmt.Fprintf(&b, words(lang, "\nnurture dev: one second is %s, from %s on\n\n", "\nnurture dev：1秒で%s進みます（%sから）\n\n"),
		lengthOf(d.clock.Speed(), lang), startOf(d.clock.Start(), lang))
	for _, row := range [][3]string{
		{"Start page", "画面", url + "/"},
		{"Mailbox", "受信箱", url + "/mailbox"},
		{"Sales desk", "営業デスク", url + "/sales"},
		{"Rules", "ルール", d.place.workspace},
	} {
		fmt.Fprintf(&b, "  %s %s\n", pad(words(lang, row[0], row[1]), 12), row[2])
	}
	b.WriteString("\n")
	for _, note := range d.notes(lang) {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	b.WriteString("\n")
	_, err := fmt.Fprint(c.out, b.String())
	return err
}

// notes are what is worth knowing beside the addresses.
func (d *devWorld) notes(lang string) []string {
	var notes []string
	if d.moved {
		notes = append(notes, fmt.Sprintf(words(lang, "%s is in use, so another port was taken.", "%s は使用中のため、別のポートを使っています。"), d.options.Listen))
	}
	if d.place.passing != "" {
		notes = append(notes, fmt.Sprintf(words(lang,
			"Your cache folder cannot be used (%v): the rules are in a temporary folder and go with the demo.",
			"キャッシュフォルダーを使えないため（%v）、ルールは一時フォルダーにあり、終了すると消えます。"), d.place.why))
	} else if !d.place.fresh && d.options.Workspace == "" {
		notes = append(notes, words(lang,
			"The rules are as you left them; delete the folder to get the original ones.",
			"ルールは前回のままです。フォルダーを消すと最初の状態に戻ります。"))
	}
	return append(notes,
		words(lang, "Save a rule and it takes effect at once. Try scoring.hcl.", "ルールを保存すると、すぐに反映されます。まずは scoring.hcl をどうぞ。"),
		words(lang, "Nothing leaves this machine. Stop with Ctrl-C.", "外部には何も送りません。終了は Ctrl-C です。"))
}

// lengthOf writes a speed: "1 hour".
func lengthOf(d time.Duration, lang string) string {
	for _, u := range []struct {
		length        time.Duration
		one, many, ja string
	}{{time.Hour, "hour", "hours", "時間"}, {time.Minute, "minute", "minutes", "分"}, {time.Second, "second", "seconds", "秒"}} {
		if d%u.length == 0 {
			n := int(d / u.length)
			return words(lang, plural(n, u.one, u.many), fmt.Sprintf("%d%s", n, u.ja))
		}
	}
	return d.String()
}

func startOf(t time.Time, lang string) string {
	if lang == "ja" {
		return fmt.Sprintf("%d年%d月%d日（%s）%s", t.Year(), int(t.Month()), t.Day(), [...]string{"日", "月", "火", "水", "木", "金", "土"}[t.Weekday()], t.Format("15:04"))
	}
	return t.Format("Mon 2 January 2006, 15:04")
}
