package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Verbs read and write instants by the clocks of the project, wherever the machine
// stands that they run on: what is typed is told to the server as it is typed, which
// reads it in the project's zone, and every answer of the server names that zone.

// What help says of the options that take a day or an instant.
const (
	sinceUsage = "from this day or instant on, or so long ago, as 30d"
	untilUsage = "before this instant, or to the end of this day"
	asOfUsage  = "as of this instant, or of the end of this day (default: now)"
)

// whenFlag is an option that takes a day or an instant. An empty text is no less
// wrong than any other: a script's variable that is not set would ask for everything.
type whenFlag struct {
	name, text string
	given      bool
}

// String implements pflag.Value.
func (w *whenFlag) String() string { return w.text }

// Set implements pflag.Value.
func (w *whenFlag) Set(text string) error {
	w.text, w.given = text, true
	return nil
}

// Type implements pflag.Value: it is what help shows behind the option.
func (w *whenFlag) Type() string { return "time" }

// typed is what an option says, for a server to read; "" where it was not given. What
// no project can read is told here, by the option's name.
func (c *cli) typed(w *whenFlag) (httpd.When, error) {
	if !w.given {
		return "", nil
	}
	_, err := calendar.ParseWhen(w.text, time.UTC, time.Now())
	var m *calendar.Mistake
	if errors.As(err, &m) && m.Problem != calendar.NotOffset { // the project may know "JST"
		return "", c.badWhen(w, m)
	}
	return httpd.When(w.text), nil
}

// typedBoth is typed for the two ends of a time.
func (c *cli) typedBoth(since, until *whenFlag) (from, to httpd.When, err error) {
	if from, err = c.typed(since); err == nil {
		to, err = c.typed(until)
	}
	return from, to, err
}

// readWhen reads an option that was given in a zone that is known.
func (c *cli) readWhen(w *whenFlag, zone *time.Location, now time.Time) (calendar.When, error) {
	when, err := calendar.ParseWhen(w.text, zone, now)
	var m *calendar.Mistake
	if errors.As(err, &m) {
		return when, c.badWhen(w, m)
	}
	return when, err
}

// asOf is the instant as of which a verb that asks no server is asked: what the option
// says, else now.
func (c *cli) asOf(w *whenFlag, zone *time.Location, now engine.Time) (engine.Time, error) {
	if !w.given {
		return now, nil
	}
	at := now.In(zone)
	when, err := c.readWhen(w, zone, at)
	return engine.TimeOf(when.Last(at)), err
}

// badWhen says what is wrong with an option, and what to write.
func (c *cli) badWhen(w *whenFlag, m *calendar.Mistake) error {
	lang := c.language("")
	return fmt.Errorf(words(lang,
		"--%[1]s %[2]q %[3]s; write for example --%[1]s 2026-10-05 or --%[1]s '2026-10-05 09:00', or how long ago it was: --%[1]s 30d",
		"--%[1]s の %[2]q %[3]s。--%[1]s 2026-10-05 や --%[1]s '2026-10-05 09:00' のように書いてください。30 日前なら --%[1]s 30d です"), w.name, w.text, wrongWhen(lang, m.Problem))
}

// whyBad says what is wrong with a row of a list.
func (c *cli) whyBad(err error) string {
	var m *calendar.Mistake
	if !errors.As(err, &m) || c.language("") != "ja" {
		return err.Error()
	}
	return fmt.Sprintf("「%s」%s。%s のように書いてください", m.Got, wrongWhen("ja", m.Problem), m.Write)
}

// wrongWhen says what is wrong with an instant.
func wrongWhen(lang string, p calendar.Problem) string {
	return map[calendar.Problem]string{
		calendar.NotInstant: words(lang, "is neither a day nor an instant", "は日付でも日時でもありません"),
		calendar.NoSuchDay:  words(lang, "is a day that no calendar has", "という日は暦にありません"),
		calendar.NoYear:     words(lang, "lacks the year", "には年がありません"),
		calendar.NotClock:   words(lang, "ends in no time of day", "の時刻が正しくありません"),
		calendar.NotOffset:  words(lang, "ends in no offset from UTC that we know", "の終わりの時差がわかりません"),
	}[p]
}

// zoneNamed is the zone that an option --timezone names, nil for none.
func (c *cli) zoneNamed(option, name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	zone, err := calendar.ParseZone(name)
	if err != nil {
		return nil, fmt.Errorf(words(c.language(""),
			"--%s %q is no time zone; write for example Asia/Tokyo or Europe/Berlin",
			"--%s の %q というタイムゾーンはありません。Asia/Tokyo や Europe/Berlin のように書いてください"), option, name)
	}
	return zone, nil
}

// projectZone asks the server for the project's zone, unless an answer has told it.
func (cl *client) projectZone(ctx context.Context) (*time.Location, error) {
	if cl.zone == nil {
		if err := cl.call(ctx, http.MethodGet, "/api/v1/me", nil, nil); err != nil {
			return nil, err
		}
	}
	if cl.zone == nil {
		return nil, errors.New("the server does not say which time zone the project has; write instants with an offset, as in 2026-10-05T09:00:00+09:00")
	}
	return cl.zone, nil
}

// heard takes the project's zone from an answer.
func (cl *client) heard(resp *http.Response) {
	if zone := calendar.FindZone(resp.Header.Get(httpd.ZoneHeader)); zone != nil {
		cl.zone = zone
		if cl.tell != nil {
			cl.tell(zone)
		}
	}
}

// zoneOf takes the project's zone from a state folder. A folder without rules that load
// has none, and its instants are written by the clocks of UTC.
func (c *cli) zoneOf(st *store.Store) {
	if _, p, _, err := inForce(st); err == nil && p != nil {
		c.zone = p.Spec().Zone
	}
}

// place is the project's zone, UTC where no project is known.
func (c *cli) place() *time.Location { return cmp.Or(c.zone, time.UTC) }

// local is an instant by the project's clocks.
func (c *cli) local(t time.Time) time.Time { return t.In(c.place()) }

// stamp writes an instant to the second, by the project's clocks and with the name of
// its zone, so that nobody elsewhere takes it for an hour of theirs.
func (c *cli) stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return c.local(*t).Format("2006-01-02 15:04:05 MST")
}

// minute is stamp to the minute.
func (c *cli) minute(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return c.local(*t).Format("2006-01-02 15:04 MST")
}

// since is a stamp as part of a sentence, nothing for none.
func (c *cli) since(lang string, t *time.Time) string {
	if t == nil {
		return ""
	}
	return words(lang, ", since ", "、") + c.stamp(t) + words(lang, "", " から")
}
