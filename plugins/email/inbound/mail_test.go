package inbound

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFixtures reads the mails of testdata. Each says in its first line, which is no
// part of it, what it is: "# bounce hard unknown_user".
func TestFixtures(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, raw, _ := strings.Cut(string(b), "\n")
			m := Read([]byte(raw))
			got := []string{"#", m.Kind.String()}
			for _, v := range m.Verdicts {
				hard := "soft"
				if v.Hard() {
					hard = "hard"
				}
				got = append(got, hard, string(v.Class), v.Address)
			}
			if m.Kind == Complaint {
				got = append(got, m.Feedback)
			}
			if m.Kind != Other {
				got = append(got, m.Ours.Message)
				got = append(got, m.Ours.Answers...)
			}
			got = slices.DeleteFunc(got, func(s string) bool { return s == "" })
			if said := strings.Join(got, " "); said != want {
				t.Errorf("got  %s\nwant %s", said, want)
			}
		})
	}
}

// FuzzRead: whatever comes is read, and nothing panics.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Read(raw)
		if m.Kind == Bounce && len(m.Verdicts) == 0 {
			t.Error("a bounce without a verdict")
		}
		for _, v := range m.Verdicts {
			if v.Class == "" {
				t.Error("a verdict without a class")
			}
		}
	})
}
