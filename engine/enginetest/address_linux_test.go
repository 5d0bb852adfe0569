package enginetest

import (
	"errors"
	"syscall"
	"testing"
)

// Whoever knows the address listens there as often as they like; between two times
// nobody answers and nobody else is given it.
func TestAddress(t *testing.T) {
	t.Parallel()
	address := Address(t)
	port := portOf(t, address)
	for range 3 {
		if err := connect(t, port); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("nobody listens at %s, and who connects is told %v", address, err)
		}
		fd := socket(t)
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatalf("listen at %s: %v", address, err)
		}
		if err := syscall.Listen(fd, 5); err != nil {
			t.Fatalf("listen at %s: %v", address, err)
		}
		if err := connect(t, port); err != nil {
			t.Errorf("connect to %s: %v", address, err)
		}
		if err := syscall.Close(fd); err != nil {
			t.Fatal(err)
		}
	}
	if other := Address(t); other == address {
		t.Errorf("%s was given twice", other)
	}
}

func portOf(t *testing.T, address string) (port int) {
	t.Helper()
	for _, c := range address[len("127.0.0.1:"):] {
		port = 10*port + int(c-'0')
	}
	return port
}

// socket is one that may share its address.
func socket(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	return fd
}

func connect(t *testing.T, port int) error {
	t.Helper()
	fd := socket(t)
	defer syscall.Close(fd)
	return syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
}
