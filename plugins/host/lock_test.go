package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

func writeFile(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	ws, bin := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(ws, "plugins", "nurture-plugin-sms"), "#!", 0o755)
	writeFile(t, filepath.Join(ws, "plugins", "fax", "nurture-plugin-fax"), "#!", 0o755)
	writeFile(t, filepath.Join(ws, "plugins", "notes.txt"), "", 0o644)
	writeFile(t, filepath.Join(ws, "plugins", "nurture-plugin-draft"), "#!", 0o644)            // cannot be run
	writeFile(t, filepath.Join(ws, "plugins", "other", "nurture-plugin-another"), "#!", 0o755) // another's name
	writeFile(t, filepath.Join(bin, "nurture-plugin-sms"), "#!", 0o755)
	real := writeFile(t, filepath.Join(bin, "real", "pager.js"), "#!", 0o755)
	if err := os.Symlink(real, filepath.Join(bin, "nurture-plugin-pager")); err != nil {
		t.Fatal(err)
	}
	found := Discover(ws, bin+string(os.PathListSeparator)+"relative")
	var got []string
	for _, f := range found {
		got = append(got, string(f.Origin)+" "+f.Name+" "+filepath.Base(f.Binary.Path)+" "+filepath.Base(f.Binary.Folder))
	}
	want := []string{"workspace fax nurture-plugin-fax fax", "workspace sms nurture-plugin-sms .", "path pager pager.js ."}
	if !slices.Equal(got, want) {
		t.Errorf("found %q\nwant %q", got, want)
	}
	if more := Discover(t.TempDir(), ""); len(more) != 0 {
		t.Errorf("found %v in nothing", more)
	}
}

// The checksum of a folder is that of everything its program could read.
func TestFolderSum(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "fax")
	program := writeFile(t, filepath.Join(dir, "nurture-plugin-fax"), "#!", 0o755)
	library := writeFile(t, filepath.Join(dir, "lib", "speak.py"), "hello", 0o644)
	b := Binary{Path: program, Folder: dir}
	sum := func() string {
		t.Helper()
		s, err := b.Sum()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := sum()
	writeFile(t, filepath.Join(dir, "lib", "__pycache__", "speak.pyc"), "x", 0o644)
	writeFile(t, filepath.Join(dir, ".git", "HEAD"), "x", 0o644)
	if sum() != first {
		t.Error("what tools write changes the checksum")
	}
	b.SHA256 = first
	command, err := b.verified(filepath.Join(t.TempDir(), "bin"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Dir(command[0])
	if text, err := os.ReadFile(filepath.Join(copied, "lib", "speak.py")); err != nil || string(text) != "hello" {
		t.Errorf("copied %q %v", text, err)
	}
	for _, absent := range []string{".git", "lib/__pycache__"} {
		if _, err := os.Stat(filepath.Join(copied, absent)); !os.IsNotExist(err) {
			t.Errorf("%s was copied (%v)", absent, err)
		}
	}
	changes := map[string]func(){
		"bytes": func() { writeFile(t, library, "hullo", 0o644) },
		"mode":  func() { writeFile(t, library, "hello", 0o755) },
		"name":  func() { writeFile(t, filepath.Join(dir, "lib", "more.py"), "", 0o644) },
	}
	for what, change := range changes {
		change()
		if sum() == first {
			t.Errorf("another %s has the same checksum", what)
		}
		if _, err := b.verified(filepath.Join(t.TempDir(), "bin")); err == nil || !strings.Contains(err.Error(), "lock it with nurture plugin lock") {
			t.Errorf("another %s: %v", what, err)
		}
		writeFile(t, library, "hello", 0o644)
		_ = os.Remove(filepath.Join(dir, "lib", "more.py"))
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sum(); err == nil || !strings.Contains(err.Error(), "link: it is a symbolic link") {
		t.Errorf("a link: %v", err)
	}
}

func TestLockFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock := Lock{Plugins: []Locked{
		{SHA256: map[string]string{"linux/amd64": strings.Repeat("ab", 32)}, Description: describeRelay("relay")},
		{SHA256: map[string]string{"darwin/arm64": "cd"}, Description: describeRelay("another")},
	}}
	for _, want := range []bool{true, false} {
		if changed, err := lock.Write(dir); err != nil || changed != want {
			t.Fatalf("changed %v, %v", changed, err)
		}
	}
	again, err := ReadLock(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Plugins[1]; got.Description.Name != "relay" || got.SHA256["linux/amd64"] != strings.Repeat("ab", 32) || !got.Description.Keyed {
		t.Errorf("read %+v", again)
	}
	p := again.Resolve([]Found{{"relay", OnPath, Binary{Path: "/bin/relay"}}, {"another", OnPath, Binary{Path: "/bin/another"}}}, "linux/amd64")
	if b := p.Binaries["relay"]; b.Path != "/bin/relay" || b.SHA256 != strings.Repeat("ab", 32) {
		t.Errorf("relay %+v", b)
	}
	if why := p.Absent["another"]; !strings.Contains(why, "not locked for linux/amd64") {
		t.Errorf("another: %q", why)
	}
	if why := again.Resolve(nil, "linux/amd64").Absent["relay"]; !strings.Contains(why, "neither in the workspace's folder plugins nor on PATH") {
		t.Errorf("relay is nowhere: %q", why)
	}
	if none, err := ReadLock(fstest.MapFS{}); err != nil || len(none.Plugins) != 0 {
		t.Errorf("no lock file: %+v %v", none, err)
	}
	b, err := again.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"1.0"`, `"2.0"`, `it has schema "2.0"`},
		{`"name": "relay",
      "version": "1.2.3",
      "sha256"`, `"name": "delay", "version": "1.2.3", "sha256"`, "its description is of relay"},
		{"another", "relay", "is locked twice"},
		{`"reach": "system"`, `"reach": "moon"`, `reaches "moon"`},
		{"{", "", "invalid character"},
	} {
		broken := fstest.MapFS{LockFile: {Data: []byte(strings.ReplaceAll(string(b), c.old, c.new))}}
		if _, err := ReadLock(broken); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nurture plugin lock") {
			t.Errorf("%s for %s: %v", c.new, c.old, err)
		}
	}
}

// Describe starts what nobody has vouched for: it ends, whatever that does.
func TestDescribe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := func(name, text string) Binary {
		return Binary{Path: writeFile(t, filepath.Join(dir, name), "#!/bin/sh\n"+text, 0o755)}
	}
	d := describeRelay("relay")
	b, err := channel.EncodeDescription(d)
	if err != nil {
		t.Fatal(err)
	}
	good := script("good", "cat <<'END'\n"+string(b)+"END\n")
	got, sum, err := Describe(t.Context(), good)
	if want, _ := good.Sum(); err != nil || got.Name != "relay" || sum != want {
		t.Errorf("%+v %s %v", got, sum, err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"fails":  {"echo one >&2; echo no toner >&2; exit 3", "exit status 3; it wrote: no toner"},
		"chats":  {"echo hello", "did not print a description"},
		"floods": {"yes | head -c 3000000", "prints more than 1048576 bytes"},
	} {
		if _, _, err := Describe(t.Context(), script(name, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, _, err := Describe(ctx, script("hangs", "sleep 1000 & sleep 1000")); err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("hangs: %v", err)
	}
}

// A plugin is upgraded without losing an action: what the old process has it
// finishes, what comes later goes to the new one. A program that is not the locked
// one leaves the old in place.
func TestInstallUpgrades(t *testing.T) {
	t.Parallel()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := writeFile(t, filepath.Join(t.TempDir(), "nurture-plugin-relay"), string(self), 0o755)
	plugins := func() Plugins {
		t.Helper()
		b := Binary{Path: path, Args: []string{"plugin", "serve", "relay"}}
		if b.SHA256, err = b.Sum(); err != nil {
			t.Fatal(err)
		}
		return Plugins{Catalog: []channel.Description{describeRelay("relay")}, Binaries: map[string]Binary{"relay": b}}
	}
	r := newReceiver(t)
	answer := make(chan struct{})
	r.answers(func(line string) string {
		if strings.HasPrefix(line, "final") {
			<-answer
		}
		return "ok"
	})
	h := newHostWith(t, testOptions(), nil, nil)
	h.Install(plugins())
	if err := h.Apply(t.Context(), configs(r, "relay")); err != nil {
		t.Fatal(err)
	}
	first := h.Status()[0].PID
	old := send(t, h, request("relay", 1, 1))
	waitSaid(t, r, "final")

	stale := plugins()
	writeFile(t, path, string(self)+"a new build", 0o755)
	h.Install(plugins())
	if err := h.Apply(t.Context(), configs(r, "relay")); err != nil {
		t.Fatal(err)
	}
	if pid := h.Status()[0].PID; pid == first || pid == 0 {
		t.Errorf("the new program runs as process %d, the old one was %d", pid, first)
	}
	recent := send(t, h, request("relay", 2, 1))
	close(answer)
	wantOutcome(t, get(t, "receipt of the old one", old), engine.Done, "")
	wantOutcome(t, get(t, "receipt of the new one", recent), engine.Done, "")

	second := h.Status()[0].PID
	wrong := stale.Binaries["relay"]
	wrong.SHA256 = strings.Repeat("0", 64)
	stale.Binaries["relay"] = wrong
	h.Install(stale)
	if err := h.Apply(t.Context(), configs(r, "relay")); err == nil || !strings.Contains(err.Error(), "it was changed") {
		t.Errorf("error %v", err)
	}
	if pid := h.Status()[0].PID; pid != second {
		t.Errorf("process %d runs, want %d", pid, second)
	}
	h.Install(Plugins{Catalog: stale.Catalog, Absent: map[string]string{"relay": "plugin relay is not here"}})
	if err := h.Apply(t.Context(), configs(r, "relay")); err == nil || err.Error() != "channel relay: plugin relay is not here" {
		t.Errorf("error %v", err)
	}
}
