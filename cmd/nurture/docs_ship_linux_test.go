package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

var shellBlock = regexp.MustCompile("(?s)```(sh|text)\n(.*?)```")

// Every command of "Ship a channel in ten minutes" does what the page says, in the
// order of the page, in both languages.
func TestShipAChannel(t *testing.T) {
	t.Parallel()
	enginetest.PythonGRPC(t)
	bin := filepath.Join(t.TempDir(), "nurture")
	if err := os.Symlink(buildProgram(t), bin); err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"en", "ja"} {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", language, "ship_a_channel.md"))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		commands := 0
		for _, block := range shellBlock.FindAllStringSubmatch(string(page), -1) {
			if block[1] == "text" {
				write(t, filepath.Join(dir, "rules.hcl"), block[2])
				continue
			}
			for line := range strings.Lines(block[2]) {
				commands++
				line = strings.TrimSpace(line)
				if strings.HasPrefix(line, "nurture plugin test ") {
					line += " --patience 10m" // of a reader, not of a machine that has much else to do
				}
				out, err := onPath(t, dir, "/bin/sh", "-c", "PATH="+filepath.Dir(bin)+":$PATH; "+line)
				if err != nil {
					t.Fatalf("%s: %s: %v\n%s", language, line, err, out)
				}
			}
		}
		if commands != 8 {
			t.Errorf("%s: %d commands", language, commands)
		}
	}
}
