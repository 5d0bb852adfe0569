package calendar

import (
	"archive/zip"
	_ "embed" // the zone database is part of the program
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// ZoneDatabase is the release of the IANA time zone database that all zones are
// read from.
const ZoneDatabase = "2025c"

// zoneData is the database itself. The machine's own is never asked: of two machines
// one may know a country's newest change of mind and the other not, and they would
// decide differently about the same lead.
//
//go:embed third_party/tzdata-2025c/zoneinfo.zip
var zoneData string

// zones finds each zone of the database by its name. The index is made when it is
// first asked for and a zone is read when it is; both never change afterwards, so
// that finding one takes no lock and gives the same Location every time.
var zones = sync.OnceValue(func() map[string]func() *time.Location {
	archive, err := zip.NewReader(strings.NewReader(zoneData), int64(len(zoneData)))
	if err != nil {
		panic(fmt.Sprintf("calendar: %d bytes of zone data: %v", len(zoneData), err))
	}
	index := make(map[string]func() *time.Location, len(archive.File))
	for _, file := range archive.File {
		if isZone(file.Name) {
			index[file.Name] = sync.OnceValue(func() *time.Location { return readZone(file) })
		}
	}
	index["UTC"] = func() *time.Location { return time.UTC }
	return index
})

// isZone tells zones from folders and from the one entry that says of itself that
// the zone is not known.
func isZone(entry string) bool { return !strings.HasSuffix(entry, "/") && entry != "Factory" }

// readZone reads a zone of the database. The database is part of the program, so
// that one that cannot be read is a fault of the build.
func readZone(file *zip.File) *time.Location {
	content, err := file.Open()
	if err != nil {
		panic(fmt.Sprintf("calendar: open zone %s: %v", file.Name, err))
	}
	defer content.Close()
	data, err := io.ReadAll(content)
	if err != nil {
		panic(fmt.Sprintf("calendar: read zone %s: %v", file.Name, err))
	}
	loc, err := time.LoadLocationFromTZData(file.Name, data)
	if err != nil {
		panic(fmt.Sprintf("calendar: read zone %s: %v", file.Name, err))
	}
	return loc
}

// FindZone is the zone of the IANA database that has the name, "Asia/Tokyo"; nil
// when there is none. It serves what clients send: it costs one look into a map,
// whatever they send, and remembers nothing.
func FindZone(name string) *time.Location {
	if zone, known := zones()[name]; known {
		return zone()
	}
	return nil
}

// ParseZone is FindZone for what a marketer writes: a name of no zone is a *Mistake
// that says which was meant. The machine's own zone, "Local", is refused: it would
// decide differently on every machine.
func ParseZone(name string) (*time.Location, error) {
	if loc := FindZone(name); loc != nil {
		return loc, nil
	}
	return nil, &Mistake{Problem: NotZone, Got: name, Write: guessZone(name)}
}

// longestZoneName is longer than any, and short enough to compare with all of them.
const longestZoneName = 64

// guessZone tells which zone was meant: by what people write for it, by its name in
// other letters, by its city alone, or by the name most like it.
func guessZone(name string) string {
	const usual = "Asia/Tokyo"
	if len(name) > longestZoneName {
		return usual
	}
	written := strings.ToLower(halfWidth(name))
	if known, ok := zoneWords[written]; ok {
		return known
	}
	if written = strings.ReplaceAll(written, " ", "_"); len(written) < 3 {
		return usual
	}
	best, least := usual, len(written)/4+1 // a letter in four may be wrong
	for _, zone := range namesOfZones() {
		lower := strings.ToLower(zone)
		city := lower[strings.LastIndexByte(lower, '/')+1:]
		if lower == written || city == written {
			return zone
		}
		far := distance(written, lower)
		if !strings.Contains(written, "/") {
			far = min(far, distance(written, city))
		}
		if far < least {
			best, least = zone, far
		}
	}
	return best
}

// namesOfZones are all names of the database, in order.
func namesOfZones() []string {
	names := make([]string, 0, len(zones()))
	for name := range zones() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// distance counts the letters that must be changed, added or dropped to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := corner
			if a[i] != b[j] {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// zoneWords are what people write for a zone.
var zoneWords = map[string]string{
	"jst": "Asia/Tokyo", "tokyo": "Asia/Tokyo", "日本": "Asia/Tokyo", "東京": "Asia/Tokyo", "local": "Asia/Tokyo",
	"utc+9": "Asia/Tokyo", "+09:00": "Asia/Tokyo", "gmt+9": "Asia/Tokyo",
	"est": "America/New_York", "edt": "America/New_York",
	"cst": "America/Chicago", "cdt": "America/Chicago", "mst": "America/Denver", "mdt": "America/Denver",
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
	"bst": "Europe/London", "cest": "Europe/Berlin", "ist": "Asia/Kolkata", "kst": "Asia/Seoul",
	"sgt": "Asia/Singapore", "aest": "Australia/Sydney", "z": "UTC", "utc": "UTC", "gmt": "UTC",
}
