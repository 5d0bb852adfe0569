//go:build !unix

package host

import (
	"errors"
	"os"
)

// lockFile makes the file. Without locks nobody can tell whether the host of an
// existing one lives.
func lockFile(path string, flags int) (*os.File, error) {
	if flags&os.O_CREATE == 0 {
		return nil, errors.ErrUnsupported
	}
	return os.OpenFile(path, flags|os.O_RDWR, 0o600)
}
