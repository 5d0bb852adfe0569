//go:build unix

package host

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockFile opens a file and locks it until it is closed or this process ends,
// however it ends. flags are os.O_CREATE or 0.
func lockFile(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
