package main

import (
	"fmt"
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
	testscript.Main(withPrograms{m}, map[string]func(){"nurture": main})
}

// programsFolder is the environment variable that names the folder in which tests
// keep the program that they all start: it is linked once, not once for each test.
const programsFolder = "NURTURE_TEST_PROGRAMS"

// withPrograms runs the tests with such a folder.
type withPrograms struct{ tests *testing.M }

// Run implements testscript.TestingM.
func (m withPrograms) Run() int {
	folder, err := os.MkdirTemp("", "nurture-test-")
	if err == nil {
		defer os.RemoveAll(folder)
		err = os.Setenv(programsFolder, folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.tests.Run()
}
