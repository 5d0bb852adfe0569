package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test program serve plugins as the real one does: the plugin
// host starts its own program with `plugin serve NAME`.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "plugin" && os.Args[2] == "serve" {
		main()
	}
	testscript.Main(m, map[string]func(){"nurture": main})
}
