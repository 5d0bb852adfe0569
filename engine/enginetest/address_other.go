//go:build !linux

package enginetest

import "testing"

// Address is an address of this machine that nobody else is given until the test ends:
// see the one of Linux. Other systems hold no port for others.
func Address(t testing.TB) string {
	t.Helper()
	missing(t, "a port that is held for others", "run the tests on Linux")
	return ""
}
