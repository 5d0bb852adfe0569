package inbound

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// told is what is known of a mail of the corpus.
type told struct {
	File    string
	Bounces []toldBounce
}

type toldBounce struct {
	Recipient  string
	Reason     string
	SoftBounce int
}

// class is the verdict in our words.
func (b toldBounce) class() string {
	switch {
	case b.Reason == "feedback":
		return "complaint"
	case b.Reason == "vacation":
		return "auto-reply"
	case b.Reason == "delivered":
		return "delivered"
	case b.SoftBounce == 0:
		return "hard"
	}
	return "soft"
}

// classOf is our verdict about a recipient; where we name others only, it is the
// one in the same place.
func classOf(m Mail, b toldBounce, place int) (class, why string) {
	switch m.Kind {
	case Bounce:
		at := slices.IndexFunc(m.Verdicts, func(v Verdict) bool { return strings.EqualFold(v.Address, b.Recipient) })
		if at < 0 {
			at = min(place, len(m.Verdicts)-1)
		}
		if m.Verdicts[at].Hard() {
			return "hard", string(m.Verdicts[at].Class)
		}
		return "soft", string(m.Verdicts[at].Class)
	case Auto:
		return "auto-reply", ""
	}
	return m.Kind.String(), ""
}

// TestCorpus reads the recorded bounces, complaints and automatic replies and
// compares every verdict with what is known of them. All disagreements are listed.
// Mails of which nothing is known are read as well; what we make of them is told.
func TestCorpus(t *testing.T) {
	t.Parallel()
	mails, truth := corpus(t)
	agreed, all := map[string]int{}, map[string]int{}
	var differ []string
	unknown := map[string]int{}
	for _, one := range truth {
		raw, there := mails[one.File]
		if !there {
			t.Fatalf("the corpus has no %s", one.File)
		}
		m := Read(raw)
		if len(one.Bounces) == 0 {
			unknown[m.Kind.String()]++
		}
		for i, b := range one.Bounces {
			want := b.class()
			got, why := classOf(m, b, i)
			all[want]++
			if got == want {
				agreed[want]++
				continue
			}
			differ = append(differ, fmt.Sprintf("%-30s %d  %s (%s), we say %s %s", one.File, i+1, want, b.Reason, got, why))
		}
	}
	n, of := 0, 0
	for _, class := range []string{"hard", "soft", "complaint", "auto-reply", "delivered"} {
		t.Logf("%-10s %3d of %3d", class, agreed[class], all[class])
		n, of = n+agreed[class], of+all[class]
	}
	t.Logf("agreement  %3d of %3d = %.1f %%", n, of, 100*float64(n)/float64(of))
	t.Logf("of mails without a known verdict we say %v", unknown)
	for _, d := range differ {
		t.Log("differs: " + d)
	}
	if of < 600 || float64(n) < 0.95*float64(of) {
		t.Errorf("%d of %d verdicts agree; at least 95 %% are wanted", n, of)
	}
}

// TestCorpusOfOtherMails reads the mails of the corpus that are no bounces, and the
// ones with other line ends, which must tell the same.
func TestCorpusOfOtherMails(t *testing.T) {
	t.Parallel()
	for name, raw := range corpusMails(t, "maildir/not/") {
		if m := Read(raw); strings.HasPrefix(name, "is-not") && (m.Kind == Bounce || m.Kind == Complaint) {
			t.Errorf("%s is no %s", name, m.Kind)
		}
	}
	bsd := corpusMails(t, "maildir/bsd/")
	for _, folder := range []string{"maildir/dos/", "maildir/mac/"} {
		for name, raw := range corpusMails(t, folder) {
			same, there := bsd[name]
			if !there {
				continue
			}
			if got, want := fmt.Sprint(summary(Read(raw))), fmt.Sprint(summary(Read(same))); got != want {
				t.Errorf("%s%s: %s, with other line ends %s", folder, name, got, want)
			}
		}
	}
}

func summary(m Mail) []any { return []any{m.Kind, m.Verdicts, m.Feedback} }

func corpus(t *testing.T) (map[string][]byte, []told) {
	t.Helper()
	f, err := os.Open(enginetest.Data(t, "bounces/truth.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []told
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one told
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return corpusMails(t, "maildir/bsd/"), all
}

// corpusMails are the mails of a folder of the archive by their names.
func corpusMails(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	f, err := os.Open(enginetest.Data(t, "bounces/set-of-emails.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	mails := map[string][]byte{}
	for archive := tar.NewReader(unzipped); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || !strings.HasPrefix(strings.TrimPrefix(h.Name, "./"), folder) {
			continue
		}
		if mails[path.Base(h.Name)], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
	if len(mails) == 0 {
		t.Fatalf("the archive has no %s", folder)
	}
	return mails
}
