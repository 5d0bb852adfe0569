package deadend_test

import (
	"errors"
	"net"
	"syscall"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest/deadend"
)

// Whoever calls is refused, and whoever would listen there is too.
func TestAddress(t *testing.T) {
	t.Parallel()
	address := deadend.Address(t)
	for range 100 {
		conn, err := net.Dial("tcp", address)
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("%v, %v", conn, err)
		}
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{address, ":" + port} {
		if lis, err := net.Listen("tcp", wanted); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s: %v, %v", wanted, lis, err)
		}
	}
}
