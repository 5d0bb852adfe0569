package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Who looks who changed the files last takes no lock in their repository: a person's
// own git would find it taken. git's status rewrites its index where a file's time
// has changed, unless it is told not to.
func TestAuthorLeavesTheRepositoryAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.hcl")
	if err := os.WriteFile(file, []byte("# rules\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-qm", "rules"}} {
		git := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Sato", "-c", "user.email=sato@example.com"}, args...)...)
		if out, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	index := filepath.Join(dir, ".git", "index")
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Time{}, time.Unix(1_000_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	if author := authorOf(t.Context(), dir); author == "" || strings.HasSuffix(author, "+") {
		t.Errorf("the author is %q, want Sato's commit without changes", author)
	}
	after, err := os.ReadFile(index)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the repository's index was rewritten (%v)", err)
	}
}
