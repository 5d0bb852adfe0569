//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package dayfile

import (
	"os"
	"syscall"
)

// flock waits until no other process holds the file. Closing it gives it back.
func flock(file *os.File) error {
	for {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			return err // a signal ends the wait on some file systems
		}
	}
}
