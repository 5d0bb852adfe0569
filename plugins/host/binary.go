package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Binary is an external plugin: a program, or a folder that brings what its
// program needs.
type Binary struct {
	Path   string   // of the program
	SHA256 string   // hexadecimal; required: what is not pinned is not run
	Args   []string // after the program's name
	// Folder holds the program and the files it reads. "" where the program is all
	// there is.
	Folder string
}

// Sum is the checksum of what is there now: of the program's bytes, or of the
// folder's files, names and modes. It can be written as SHA256.
func (b Binary) Sum() (string, error) {
	if b.Folder != "" {
		return walkFolder(b.Folder, nil)
	}
	from, err := openTrusted(b.Path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	return sumOf(from)
}

// verified gives a command that runs exactly the bytes that were checked. The
// program is copied into a private folder while it is hashed, and the copy is
// run: whoever can write to the original changes nothing after the check.
func (b Binary) verified(cache string) ([]string, error) {
	copied := filepath.Join(cache, b.SHA256)
	program := copied
	if b.Folder != "" {
		program = filepath.Join(copied, filepath.Base(b.Path))
	}
	command := append([]string{program}, b.Args...)
	if sum, err := b.at(copied).Sum(); err == nil && sum == b.SHA256 {
		return command, nil
	}
	if err := b.copyTo(cache, copied); err != nil {
		return nil, fmt.Errorf("verify plugin program %s: %w", b.Path, err)
	}
	return command, nil
}

// at is the copy of the binary in another place.
func (b Binary) at(place string) Binary {
	if b.Folder != "" {
		return Binary{Folder: place}
	}
	return Binary{Path: place}
}

func (b Binary) copyTo(cache, to string) error {
	if len(b.SHA256) != sha256.Size*2 {
		return errors.New("its sha256 is not 64 hexadecimal digits; write the checksum of the program you trust")
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return err
	}
	defer removeTree(temp)
	copied := filepath.Join(temp, "copy")
	got, err := b.copy(copied)
	if err != nil {
		return err
	}
	if got != b.SHA256 {
		return fmt.Errorf("its sha256 is %s, expected %s; it was changed, or the lock is of another build: "+
			"put the locked build back, or, if you trust this one, lock it with nurture plugin lock", got, b.SHA256)
	}
	removeTree(to) // a copy that somebody has changed
	return os.Rename(copied, to)
}

// copy copies the program or the folder and gives its checksum.
func (b Binary) copy(to string) (string, error) {
	if b.Folder != "" {
		if err := os.Mkdir(to, 0o700); err != nil {
			return "", err
		}
		return walkFolder(b.Folder, &to)
	}
	from, err := openTrusted(b.Path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	return copyFile(from, to, 0o500)
}

// copyFile copies a file and gives the checksum of its bytes.
func copyFile(from *os.File, to string, mode os.FileMode) (string, error) {
	// A process that is forked while the copy is open for writing has it open too,
	// until it becomes another program, and nobody can run the copy for so long
	// ("text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, sum), from)
	if err := errors.Join(err, file.Chmod(mode), file.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
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

func sumOf(r io.Reader) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
