package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestBackup restores a backup that was made beside a writer's work, with what was
// deleted still deleted.
func TestBackup(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 300)
	wrote(t, s, func(w *Write) { w.Timer(1, leadIn(1, 64, 1), 0, start); w.Seen(1, nobody, longJournal, "web", "m1") })
	wrote(t, s, func(w *Write) { w.Timer(1, leadIn(1, 64, 1), start, 0) })
	under := s.NewWrite()
	under.Lead(2, sampleLead(leadIn(2, 64, 9999), 9999)) // not durable: not in the backup
	must(t, os.WriteFile(filepath.Join(s.opts.Dir, keyFile), []byte("secret of the links"), 0o600))
	var backup bytes.Buffer
	must(t, s.Backup(&backup))
	must(t, s.Commit(under))

	o := small(filepath.Join(t.TempDir(), "new"))
	must(t, Restore(o, bytes.NewReader(backup.Bytes())))
	if key, err := os.ReadFile(filepath.Join(o.Dir, keyFile)); string(key) != "secret of the links" {
		t.Errorf("the secret of the links came back as %q: %v", key, err)
	}
	r := openAt(t, o)
	if r.Commits() != 302 {
		t.Errorf("%d commits came back of 302", r.Commits())
	}
	leads := 0
	for part := range r.Partitions() {
		must(t, r.Leads(part, engine.LeadID{}, 0, func(engine.LeadID, []byte) error { leads++; return nil }))
	}
	if leads != 300 {
		t.Errorf("%d leads came back of 300", leads)
	}
	must(t, r.Due(1, start, 0, func(engine.LeadID, engine.Time) error { t.Error("a deleted timer came back"); return nil }))
	if seen, err := r.Seen(1, nobody, message("web", "m1")); !seen || err != nil {
		t.Errorf("the message is seen: %v, %v", seen, err)
	}
	commits(t, r, 3)
	if r = reopen(t, r, o); r.Commits() != 305 {
		t.Errorf("%d commits after going on, want 305", r.Commits())
	}
}

// TestBadBackups refuses what is not a whole backup.
func TestBadBackups(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 300)
	var backup bytes.Buffer
	must(t, s.Backup(&backup))
	whole := backup.Bytes()
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	later := bytes.Replace(whole, []byte(`"format":1`), []byte(`"format":9`), 1)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not a backup"},
		{"something else", []byte("hello, this is a letter and no backup"), "not a backup"},
		{"cut in the header", whole[:len(backupMagic)+10], "cut short"},
		{"cut in the middle", whole[:len(whole)/2], "cut short"},
		{"without its end", whole[:len(whole)-8], "cut short"},
		{"a flipped bit", flipped, "checksum"},
		{"a later format", later, "use the version that wrote it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := small(filepath.Join(t.TempDir(), "new"))
			err := Restore(o, bytes.NewReader(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("restored with %v, want %q", err, c.want)
			}
			s, err := Open(o)
			if err != nil {
				return
			}
			if s.Commits() != 0 {
				t.Errorf("half a backup can be opened")
			}
			must(t, s.Close()) // before its folder is removed
		})
	}
	if err := Restore(s.opts, bytes.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("restored over data: %v", err)
	}
}
