package workflows_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/workflows"
)

// Every starter loads without a warning, for checking and, once its secrets are
// set, for serving; and the engine takes it.
func TestStartersLoad(t *testing.T) {
	t.Parallel()
	for _, name := range workflows.Names() {
		for _, purpose := range []dsl.Purpose{dsl.ToCheck, dsl.ToServe} {
			files, err := workflows.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			w, problems := dsl.Load(files, dsl.Options{For: purpose, Lookup: func(string) (string, bool) { return "set", true }})
			if len(problems.Items) > 0 || w == nil {
				t.Fatalf("%s:\n%s", name, problems.Render())
			}
			if _, err := engine.NewProgram(w.Spec, w.Digest, 1); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(w.Tests) == 0 {
				t.Errorf("%s has no tests", name)
			}
		}
	}
}

// Without its secrets a starter can be checked: that they are missing is a note.
func TestStartersNeedNothingToBeChecked(t *testing.T) {
	t.Parallel()
	for _, name := range workflows.Names() {
		files, err := workflows.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		_, problems := dsl.Load(files, dsl.Options{})
		if problems.Count(dsl.Error)+problems.Count(dsl.Warning) > 0 {
			t.Errorf("%s:\n%s", name, problems.Render())
		}
	}
}

// What a starter names must belong to nobody: hosts and addresses are under the
// names that are reserved for examples.
func TestStartersReachNobody(t *testing.T) {
	t.Parallel()
	for _, name := range workflows.Names() {
		files, err := workflows.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(text), "\n") {
				for _, domain := range domains(line) {
					if !reserved(domain) {
						t.Errorf("%s/%s:%d names %s, which could be somebody's", name, path, i+1, domain)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// reserved reports whether a name is under one that nobody can own.
func reserved(domain string) bool {
	for _, suffix := range []string{".example.co.jp", ".example.jp", ".example.com"} {
		if strings.HasSuffix(domain, suffix) {
			return true
		}
	}
	return false
}

// domains are what follows an @ or a :// in a line.
func domains(line string) []string {
	var out []string
	for _, mark := range []string{"@", "://"} {
		parts := strings.Split(line, mark)
		for _, rest := range parts[1:] {
			end := strings.IndexFunc(rest, func(r rune) bool {
				return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-')
			})
			if end < 0 {
				end = len(rest)
			}
			if domain := rest[:end]; strings.Contains(domain, ".") {
				out = append(out, domain)
			}
		}
	}
	return out
}

func TestOpenUnknown(t *testing.T) {
	t.Parallel()
	if _, err := workflows.Open("../cmd"); err == nil {
		t.Error("a starter that does not exist was opened")
	}
}

// Every starter says what it is for, in both languages, and its texts are in the
// language that it says.
func TestStartersSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, s := range workflows.All() {
		files, err := workflows.Open(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		w, _ := dsl.Load(files, dsl.Options{})
		if w == nil {
			t.Fatalf("%s does not load", s.Name)
		}
		if w.Language != s.Language {
			t.Errorf("%s is in %q and says %q", s.Name, w.Language, s.Language)
		}
		for _, language := range []string{"ja", "en"} {
			for _, line := range s.About(language) {
				if line == "" {
					t.Errorf("%s does not say in %q what it is", s.Name, language)
				}
			}
		}
	}
}
