package enginetest

import (
	"fmt"
	"syscall"
	"testing"
)

// Address is an address of this machine, "127.0.0.1:PORT", that nobody else is given
// until the test ends. Whoever is told of it may listen there, leave, and listen there
// again; while nobody does, everybody who connects is refused.
//
// A port that was listened at, left and named again is none of this: whoever asks the
// system for any free port may have been given it meanwhile. So the port is held by a
// socket that is bound and never listens. Linux lets others listen beside it where both
// say SO_REUSEADDR, as Go's listeners and most servers do, and gives the port to nobody
// who asks for any.
func Address(t testing.TB) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("make a socket: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatalf("share the address: %v", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatalf("bind the socket: %v", err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatalf("ask for the socket's name: %v", err)
	}
	return fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}
