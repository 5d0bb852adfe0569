package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// decisionWords say what a decision was, in both languages. %[1]s is the subject,
// %[2]s the detail.
var decisionWords = map[engine.DecisionKind][2]string{
	engine.Enrolled:   {"entered %[1]s", "%[1]s に入る"},
	engine.Stepped:    {"→ %[2]s", "→ %[2]s"},
	engine.Left:       {"left %[1]s by exit.%[2]s", "%[1]s を exit.%[2]s で出る"},
	engine.Moved:      {"stage %[1]s → %[2]s", "ステージ %[1]s → %[2]s"},
	engine.Held:       {"%[1]s holds", "%[1]s の条件が成立、維持を待つ"},
	engine.TossedUp:   {"TOSSED UP %[1]s", "トスアップ %[1]s"},
	engine.Queued:     {"%[1]s waits for a place", "%[1]s の順番待ち"},
	engine.DroppedOut: {"%[1]s dropped out: %[2]s", "%[1]s の順番待ちから外れた: %[2]s"},
	engine.Notified:   {"sales told of %[1]s: %[2]s", "%[1]s を営業に知らせた: %[2]s"},
	engine.Succeeded:  {"%[1]s: %[2]s", "%[1]s: %[2]s"},
	engine.Missed:     {"an opportunity that %[1]s had not handed over", "%[1]s が渡していない商談"},
	engine.Doubted:    {"%[1]s in doubt", "%[1]s の見直し"},
	engine.Answered:   {"%[1]s %[2]s", "%[1]s %[2]s"},
	engine.Intended:   {"%[2]s waits for %[1]s", "%[2]s を %[1]s へ"},
	engine.Permitted:  {"%[2]s may go through %[1]s", "%[2]s の送信を許可（%[1]s）"},
	engine.Postponed:  {"%[1]s postponed: %[2]s", "%[1]s を延期: %[2]s"},
	engine.Skipped:    {"%[1]s skipped: %[2]s", "%[1]s を送らない: %[2]s"},
	engine.Sent:       {"SENT %[2]s through %[1]s", "送信 %[2]s（%[1]s）"},
	engine.Retried:    {"%[1]s will be tried again: %[2]s", "%[1]s は再試行: %[2]s"},
	engine.GaveUp:     {"%[1]s GIVEN UP: %[2]s", "%[1]s を断念: %[2]s"},
	engine.Paid:       {"%[1]s", "%[1]s"},
	engine.HeldOut:    {"held out of %[1]s", "%[1]s の比較対象として何もしない"},
	engine.NotEntered: {"does not enter %[1]s: %[2]s", "%[1]s に入らない: %[2]s"},
	engine.Joined:     {"joins segment.%[1]s", "セグメント %[1]s に加わる"},
	engine.Parted:     {"leaves segment.%[1]s", "セグメント %[1]s から外れる"},
	engine.Reached:    {"reaches the goal %[2]s of %[1]s", "%[1]s の目的 %[2]s を達成"},
	engine.Drawn:      {"%[1]s: %[2]s", "%[1]s: %[2]s"},
	engine.Set:        {"%[1]s set by %[2]s", "%[1]s を設定（%[2]s）"},
	engine.Paused:     {"%[1]s/%[2]s held by a pause", "%[1]s/%[2]s を一時停止で保留"},
	engine.Resumed:    {"%[1]s/%[2]s goes on", "%[1]s/%[2]s を再開"},
	engine.Judged:     {"%[1]s judged: %[2]s", "%[1]s の判定: %[2]s"},
	engine.Merged:     {"merged with lead %[2]s", "リード %[2]s と統合"},
	engine.Corrected:  {"%[1]s corrected: %[2]s", "%[1]s を訂正: %[2]s"},
	engine.TookBack:   {"%[2]s of %[1]s is none any more", "%[1]s の %[2]s を取り消し"},
	engine.Barring:    {"%[1]s barred: %[2]s", "%[1]s への送信を停止: %[2]s"},
	engine.Fault:      {"%[1]s could not be evaluated: %[2]s", "%[1]s を評価できない: %[2]s"},
}

// say is a decision in words.
func say(d *engine.Decision, language string, zone *time.Location) string {
	forms, ok := decisionWords[d.Kind]
	if !ok {
		return d.Kind.String()
	}
	s := fmt.Sprintf(words(language, forms[0], forms[1]), d.Subject, d.Detail)
	if d.Points != 0 {
		s += " " + signed(d.Points)
	}
	if d.Until != 0 {
		s += " (" + words(language, "until ", "") + d.Until.In(zone).Format("01-02 15:04") + words(language, ")", " まで)")
	}
	return s
}

func signed(n float64) string {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if n > 0 {
		return "+" + s
	}
	return s
}

// title names the event of a row.
func title(e *engine.Event, language string) string {
	switch e.Kind {
	case engine.Track:
		return e.Name
	case engine.Tick:
		return words(language, "time", "時刻")
	case engine.Attempt, engine.Settled, engine.Redrive:
		return words(language, "delivery", "配信")
	}
	return e.Kind.String()
}

// traceRow is one row of a journal as a line: when, what, what followed.
func traceRow(row *engine.Fact, language string, zone *time.Location) string {
	var said []string
	for i := range row.Decisions {
		said = append(said, say(&row.Decisions[i], language, zone))
	}
	return fmt.Sprintf("%s  %s %s", row.Event.At.In(zone).Format("01-02 15:04"), pad(title(&row.Event, language), 16), strings.Join(said, ", "))
}

// storyRow is traceRow with what the event was about, for the reader of a test,
// whose people are invented.
func storyRow(row *engine.Fact, language string, zone *time.Location) string {
	line := traceRow(row, language, zone)
	if row.Event.Kind != engine.Track {
		return line
	}
	for _, f := range row.Event.Fields {
		if f.Value.Kind() == engine.Text {
			return strings.Replace(line, row.Event.Name, row.Event.Name+" "+f.Value.Text(), 1)
		}
	}
	return line
}
