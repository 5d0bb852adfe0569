package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	hclBlock = regexp.MustCompile("(?s)```hcl\n(.*?)```")
	shBlock  = regexp.MustCompile("(?s)```sh\n(.*?)```")
)

// Every workspace that the README shows checks clean and passes its own tests.
func TestReadmeRulesWork(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.ja.md"} {
		src, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range hclBlock.FindAllSubmatch(src, -1) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "rules.hcl"), block[1], 0o600); err != nil {
				t.Fatal(err)
			}
			for _, verb := range []string{"check", "test", "fmt"} {
				args := []string{verb, dir}
				if verb == "fmt" {
					args = []string{"fmt", "--check", dir}
				}
				var out bytes.Buffer
				if code := run(t.Context(), args, strings.NewReader(""), &out, &out); code != exitFine {
					t.Errorf("%s, block %d: nurture %s ends with %d\n%s", name, i+1, verb, code, &out)
				}
			}
		}
	}
}

// Every command line that the README shows is one that the program knows, with
// flags that it has.
func TestReadmeCommandsExist(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.ja.md"} {
		src, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for _, block := range shBlock.FindAllSubmatch(src, -1) {
			for line := range strings.Lines(string(block[1])) {
				line, _, _ = strings.Cut(line, "#")
				for _, prefix := range []string{"nurture ", "go run ./cmd/nurture "} {
					if args, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
						lines++
						if err := knows(strings.Fields(args)); err != nil {
							t.Errorf("%s: %q: %v", name, strings.TrimSpace(line), err)
						}
					}
				}
			}
		}
		if lines < 5 {
			t.Errorf("%s shows %d command lines", name, lines)
		}
	}
}

// knows finds the verb of a command line and parses its flags, without running it.
func knows(args []string) error {
	c := &cli{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	verb, rest, err := c.root().Find(args)
	if err != nil {
		return err
	}
	if !verb.Runnable() {
		return fmt.Errorf("%s does nothing by itself", verb.CommandPath())
	}
	if err := verb.ParseFlags(rest); err != nil {
		return err
	}
	return verb.ValidateArgs(verb.Flags().Args())
}
