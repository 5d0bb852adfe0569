//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package dayfile

import (
	"os"
	"syscall"
)

// flock waits until no other process holds the file. Closing it gives it back.
func flock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX) }
