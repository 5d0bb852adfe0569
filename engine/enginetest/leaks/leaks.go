// Package leaks fails a package's tests when goroutines outlive them.
package leaks

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// patience is how often it is looked again before what is left counts as left: each
// look waits for almost half a second by itself. On a busy machine what was told to
// end takes its time; what leaks never ends.
const patience = 300

// Main runs a package's tests and ends the process, for its TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// Find names the goroutines that are left, besides those that the options except.
func Find(options ...goleak.Option) error { return find(patience, options...) }

func find(looks int, options ...goleak.Option) error {
	var err error
	for range looks {
		if err = goleak.Find(options...); err == nil {
			return nil
		}
	}
	return err
}
