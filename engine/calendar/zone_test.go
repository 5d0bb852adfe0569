package calendar

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestParseZone(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames(t) {
		if loc, err := ParseZone(name); err != nil || loc.String() != name {
			t.Errorf("%s: %v, %v", name, loc, err)
		}
	}
	for s, want := range map[string]string{
		"":                      `"" is not a time zone; write "Asia/Tokyo"`,
		"Local":                 `"Local" is not a time zone; write "Asia/Tokyo"`,
		"JST":                   `"JST" is not a time zone; write "Asia/Tokyo"`,
		"New York":              `"New York" is not a time zone; write "America/New_York"`,
		"Tokyo":                 `"Tokyo" is not a time zone; write "Asia/Tokyo"`,
		"asia/tokyo":            `"asia/tokyo" is not a time zone; write "Asia/Tokyo"`,
		"Asia/Tokio":            `"Asia/Tokio" is not a time zone; write "Asia/Tokyo"`,
		"Europe/Berln":          `"Europe/Berln" is not a time zone; write "Europe/Berlin"`,
		"America/Los Angeles":   `"America/Los Angeles" is not a time zone; write "America/Los_Angeles"`,
		"Kathmandoo":            `"Kathmandoo" is not a time zone; write "Asia/Kathmandu"`,
		"Factory":               `"Factory" is not a time zone; write "Asia/Tokyo"`,
		"東京":                    `"東京" is not a time zone; write "Asia/Tokyo"`,
		"posix/Asia/Tokyo":      `"posix/Asia/Tokyo" is not a time zone; write "Asia/Tokyo"`,
		"right/UTC":             `"right/UTC" is not a time zone; write "Asia/Tokyo"`,
		"../../etc/passwd":      `"../../etc/passwd" is not a time zone; write "Asia/Tokyo"`,
		"/etc/localtime":        `"/etc/localtime" is not a time zone; write "Asia/Tokyo"`,
		"Mars/Olympus_Mons":     `"Mars/Olympus_Mons" is not a time zone; write "Asia/Tokyo"`,
		strings.Repeat("a", 65): fmt.Sprintf("%q is not a time zone; write %q", strings.Repeat("a", 65), "Asia/Tokyo"),
	} {
		_, err := ParseZone(s)
		checkError(t, s, err, want)
	}
	for word, name := range zoneWords {
		if _, err := ParseZone(name); err != nil {
			t.Errorf("what to write for %q: %v", word, err)
		}
	}
}

// The zones are those of the database that the program brings along, each loaded
// once; what no database entry is has no zone, whatever the machine calls by it.
func TestZonesAreOfTheEmbeddedDatabase(t *testing.T) {
	t.Parallel()
	if got, want := namesOfZones(), zoneNames(t); !slices.Equal(got, want) {
		t.Errorf("the database has the zones %v, want %v", got, want)
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for _, name := range zoneNames(t) {
				if first := FindZone(name); first == nil || first != FindZone(name) || first.String() != name {
					t.Errorf("%s is %v", name, first)
				}
			}
		})
	}
	readers.Wait()
	for _, stranger := range []string{"", "Local", "localtime", "Factory", "posixrules", "Asia/", "Asia", "asia/tokyo", strings.Repeat("z", 1<<20)} {
		if loc := FindZone(stranger); loc != nil {
			t.Errorf("%.20q is %v", stranger, loc)
		}
	}
	if FindZone("UTC") != time.UTC {
		t.Error("UTC is another than Go's")
	}
}

// A machine whose own database says that Tokyo is in New York decides the same. Go
// reads once in a process where the machine's database is, so this takes another one.
func TestTheMachinesDatabaseIsNotAsked(t *testing.T) {
	t.Parallel()
	if os.Getenv("ZONEINFO") == "" {
		dir := t.TempDir()
		newYork, err := zoneEntry("America/New_York")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "Asia"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "Asia", "Tokyo"), newYork, 0o600); err != nil {
			t.Fatal(err)
		}
		fooled := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheMachinesDatabaseIsNotAsked$")
		fooled.Env = append(os.Environ(), "ZONEINFO="+dir)
		if out, err := fooled.CombinedOutput(); err != nil {
			t.Errorf("on the fooled machine: %v\n%s", err, out)
		}
		return
	}
	fooled, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	if offsetOf(noon.In(fooled)) != -4*60*60 {
		t.Fatal("the machine's Tokyo is not New York: the test proves nothing")
	}
	if got := offsetOf(noon.In(mustZone(t, "Asia/Tokyo"))); got != 9*60*60 {
		t.Errorf("Tokyo is %d seconds from UTC", got)
	}
}

// zoneEntry is a zone's entry in the database.
func zoneEntry(name string) ([]byte, error) {
	archive, err := zip.NewReader(strings.NewReader(zoneData), int64(len(zoneData)))
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(archive, name)
}

func TestZoneDatabaseIsAsItCame(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("third_party", "tzdata-"+ZoneDatabase)
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%x  zoneinfo.zip\n", sha256.Sum256([]byte(zoneData))); string(sums) != want {
		t.Errorf("SHA256SUMS is %q, want %q", sums, want)
	}
	for _, file := range []string{"LICENSE", "SOURCE"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(text), ZoneDatabase) {
			t.Errorf("%s: %v, %q", file, err, text)
		}
	}
}

func TestDayNumberIsTheDateOnTheWall(t *testing.T) {
	t.Parallel()
	tokyo, newYork := mustZone(t, "Asia/Tokyo"), mustZone(t, "America/New_York")
	for _, check := range []struct {
		at   time.Time
		want int64
	}{
		{time.Unix(0, 0).UTC(), 0},
		{time.Unix(-1, 0).UTC(), -1},
		{time.Unix(0, 0).In(newYork), -1},
		{time.Date(1970, 1, 2, 0, 0, 0, 0, tokyo), 1},
		{time.Date(1970, 1, 1, 23, 59, 59, 0, tokyo), 0},
		{time.Date(2026, 10, 5, 0, 0, 0, 0, tokyo), 20731},
		{time.Date(2026, 10, 5, 23, 59, 59, 999, newYork), 20731},
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), -719162},
	} {
		if got := DayNumber(check.at); got != check.want {
			t.Errorf("%s: day %d, want %d", check.at, got, check.want)
		}
		if got := weekday(check.want); got != check.at.Weekday() {
			t.Errorf("%s: day %d is a %s", check.at, check.want, got)
		}
	}
}

// The standard library computes the end of a stretch a day early in leap years far
// ahead. Walking along stretches must get past that day in every zone.
func TestStretchesGoOnThroughLeapYears(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames(t) {
		loc := mustZone(t, name)
		last := time.Date(2040, 12, 31, 12, 0, 0, 0, time.UTC).Unix()
		if s := stretchAt(last, loc); s.to <= last || s.from > last {
			t.Errorf("%s: %d lies outside of its stretch, [%d, %d)", name, last, s.from, s.to)
		}
	}
}

// In every zone, around both changes of its clocks in a year: each time of day is
// the first instant that shows it, or the first behind the gap.
func TestWallIsTheFirstInstantThatShowsIt(t *testing.T) {
	t.Parallel()
	for _, change := range append(changesOfAllZones(t, 2026), changesOfAllZones(t, 2011)...) {
		loc, at := change.Location(), change.Add(-66*time.Hour)
		shown := func() int64 { // as if it were UTC
			year, month, day := at.Date()
			return time.Date(year, month, day, at.Hour(), at.Minute(), 0, 0, time.UTC).Unix()
		}
		from := time.Date(change.Year(), change.Month(), change.Day(), 0, 0, 0, 0, time.UTC).Add(-36 * time.Hour).Unix()
		for target := from; target < from+3*secondsInDay; target += 15 * 60 {
			for shown() < target {
				at = at.Add(time.Minute)
			}
			day, second := split(target)
			if got := wall(day, second, 0, loc); !got.Equal(at) {
				t.Errorf("%s: %s is %s, want %s", loc, time.Unix(target, 0).UTC().Format(localForm), got, at)
			}
		}
	}
}
