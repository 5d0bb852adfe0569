package dayfile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
)

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, folder string) *Writer {
	t.Helper()
	w, err := Open(Options{Folder: folder, Name: "letters", Ext: "csv", Header: []byte("h\n"), Zone: time.FixedZone("JST", 9*3600)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func put(t *testing.T, w *Writer, at time.Time, keys ...string) string {
	t.Helper()
	lines := make([]Line, len(keys))
	for i, k := range keys {
		lines[i] = Line{k, []byte("line of " + k + "\n")}
	}
	name, err := w.Append(t.Context(), at, lines...)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

func TestKeysStandOnce(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "a", "b")
	w := open(t, folder)
	if name := put(t, w, noon, "a", "b", "a"); name != "letters-2026-10-05.csv" {
		t.Error(name)
	}
	put(t, w, noon, "b", "c")
	other := open(t, folder) // another process
	put(t, other, noon, "c", "d")
	put(t, w, noon, "d", "e")
	wantFile(t, filepath.Join(folder, "letters-2026-10-05.csv"), "h\nline of a\nline of b\nline of c\nline of d\nline of e\n")
	// Tomorrow begins at midnight of the zone; what was written yesterday stays written.
	if name := put(t, w, noon.Add(4*time.Hour), "e", "f"); name != "letters-2026-10-06.csv" {
		t.Error(name)
	}
	wantFile(t, filepath.Join(folder, "letters-2026-10-06.csv"), "h\nline of f\n")
}

// The file is fetched in the middle of the day.
func TestFileIsTakenAway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "letters-2026-10-05.csv")
	w := open(t, folder)
	put(t, w, noon, "a", "b", "c")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, w, noon, "c", "d")
	wantFile(t, path, "h\nline of d\n")
	put(t, open(t, folder), noon, "a", "e")
	wantFile(t, path, "h\nline of d\nline of e\n")
}

// A crash at every byte of what is written leaves nothing double and nothing torn.
func TestCrashAnywhere(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	put(t, open(t, whole), noon, "a")
	put(t, open(t, whole), noon, "b")
	const want = "h\nline of a\nline of b\n"
	const before = "h\nline of a\n"
	for torn := range len("line of b\n") + 1 { // the line is written first ...
		crashed(t, before+"line of b\n"[:torn], "- 0\na 12\n", want)
	}
	for torn := range len("b 22\n") + 1 { // ... and then its key
		crashed(t, want, "- 0\na 12\nb 22\n"[:len("- 0\na 12\n")+torn], want)
	}
	for torn := range len("h\nline of a\n") + 1 { // the first line of a file taken away and begun again
		crashed(t, "h\nline of b\n"[:torn], "a 12\nx 400\n- 0\n", "h\nline of b\n")
	}
}

func crashed(t *testing.T, file, keys, want string) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "letters-2026-10-05.csv")
	for name, text := range map[string]string{path: file, filepath.Join(folder, ".letters-2026-10-05.keys"): keys} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := open(t, folder)
	put(t, w, noon, "a", "b")
	wantFile(t, path, want)
	// It comes again after midnight: the crash was mended when the folder was opened.
	put(t, w, noon.Add(24*time.Hour), "b")
	if _, err := os.Stat(filepath.Join(folder, "letters-2026-10-06.csv")); err == nil {
		t.Error("b is written twice")
	}
}

// What stands in a file that we know nothing of is not touched.
func TestForeignFileIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "letters-2026-10-05.csv")
	if err := os.WriteFile(path, []byte("theirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, open(t, folder), noon, "a")
	wantFile(t, path, "theirs\nline of a\n")
}

func TestKeysAreForgotten(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := open(t, folder)
	put(t, w, noon, "a")
	put(t, w, noon.AddDate(0, 0, 30), "a")
	put(t, w, noon.AddDate(0, 0, 31), "a")
	wantFile(t, filepath.Join(folder, "letters-2026-11-05.csv"), "h\nline of a\n")
	left, err := filepath.Glob(filepath.Join(folder, ".*.keys"))
	if err != nil || len(left) != 1 {
		t.Errorf("%v (%v)", left, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	writers := []*Writer{open(t, folder), open(t, folder)}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			w := writers[i%2]
			if _, err := w.Append(context.Background(), noon, Line{fmt.Sprint(i / 2), fmt.Appendf(nil, "%d\n", i/2)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := os.ReadFile(filepath.Join(folder, "letters-2026-10-05.csv"))
	if err != nil || strings.Count(string(got), "\n") != 21 {
		t.Errorf("%s (%v)", got, err)
	}
}

func TestFolderCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Folder: file, Name: "x", Ext: "csv"}); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"東京都千代田区丸の内1-1", "東京都千代田区丸の内1-1"},
		{"=HYPERLINK(\"x\")", `"'=HYPERLINK(""x"")"`},
		{"+81-90", "'+81-90"},
		{"-2", "-2"},
		{"-2+cmd|' /C calc'!A0", "'-2+cmd|' /C calc'!A0"},
		{"\t@SUM(1)", "'@SUM(1)"},
		{"　＝１", "'＝１"},
		{"two\r\nlines", "two  lines"},
		{"a\x00b", "ab"},
		{"a,b", `"a,b"`},
	} {
		got, err := Row(UTF8, []string{c.in, "z"})
		if err != nil || string(got) != c.want+",z\r\n" {
			t.Errorf("%q: %q (%v), want %q", c.in, got, err, c.want+",z\r\n")
		}
	}
}

func TestShiftJIS(t *testing.T) {
	t.Parallel()
	got, err := Row(ShiftJIS, []string{"髙﨑〜−", "表"})
	if err != nil {
		t.Fatal(err)
	}
	if back, err := japanese.ShiftJIS.NewDecoder().Bytes(got); err != nil || string(back) != "髙﨑～－,表\r\n" || len(got) != 13 {
		t.Errorf("% x (%v)", got, err)
	}
	_, err = Row(ShiftJIS, []string{"ok", "😀"})
	if e, ok := err.(*UnencodableError); !ok || e.Field != 1 || strings.Contains(e.Error(), "😀") {
		t.Errorf("%v", err)
	}
	header, err := Header(UTF8, []string{"氏名"})
	if err != nil || string(header) != "\xef\xbb\xbf氏名\r\n" {
		t.Errorf("%q (%v)", header, err)
	}
}
