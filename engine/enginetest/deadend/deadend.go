// Package deadend gives tests an address at which every connection is refused.
//
// To listen on a port, close it and expect a refusal there is a bet: the next
// program that asks for any free port may be given that one, and answers.
package deadend

import (
	"net"
	"testing"
)

// Address is an address of this machine, "127.0.0.1:4711", at which nobody listens
// and nobody can until the test has ended: its port is this side's of a connection
// that stays open. No system gives such a port to who asks for a free one, and who
// calls it finds a port that does not listen.
func Address(t testing.TB) string {
	t.Helper()
	loopback := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	behind, err := net.ListenTCP("tcp4", loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Close()
	ours, err := net.DialTCP("tcp4", loopback, behind.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	theirs, err := behind.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = theirs.Close() })
	return ours.LocalAddr().String()
}
