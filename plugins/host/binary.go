package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Binary is an external plugin program.
type Binary struct {
	Path   string
	SHA256 string   // hexadecimal; required: what is not pinned is not run
	Args   []string // after the program's name
}

// verified gives a command that runs exactly the bytes that were checked. The
// program is copied into a private folder while it is hashed, and the copy is
// run: whoever can write to the original changes nothing after the check.
func (b Binary) verified(cache string) ([]string, error) {
	copied := filepath.Join(cache, b.SHA256)
	if sum, err := hashFile(copied); err == nil && sum == b.SHA256 {
		return append([]string{copied}, b.Args...), nil
	}
	if err := b.copyTo(cache, copied); err != nil {
		return nil, fmt.Errorf("verify plugin program %s: %w", b.Path, err)
	}
	return append([]string{copied}, b.Args...), nil
}

func (b Binary) copyTo(cache, to string) error {
	if len(b.SHA256) != sha256.Size*2 {
		return errors.New("its sha256 is not 64 hexadecimal digits; write the checksum of the program you trust")
	}
	from, err := openTrusted(b.Path)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(cache, "new-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(temp, sum), from)
	if err := errors.Join(err, temp.Chmod(0o500), temp.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != b.SHA256 {
		return fmt.Errorf("its sha256 is %s, expected %s; it was changed, or the lock is of another build", got, b.SHA256)
	}
	return os.Rename(temp.Name(), to)
}

// openTrusted opens a regular file that only its owner can write.
func openTrusted(path string) (*os.File, error) {
	link, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if link.Mode()&os.ModeSymlink != 0 {
		return nil, errors.New("it is a symbolic link; name the file itself")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("it is not a regular file")
	case info.Mode().Perm()&0o022 != 0:
		err = fmt.Errorf("others than its owner may write it (mode %s); chmod go-w", info.Mode().Perm())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
