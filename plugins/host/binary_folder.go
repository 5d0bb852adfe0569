package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxPluginFiles bounds a plugin's folder.
const maxPluginFiles = 20_000

// walkFolder gives the checksum of a folder: that of a list, sorted by name, of
// each file's checksum, whether it can be run, and its name. Where copyTo is
// given it copies the files there on the way.
//
// What begins with a dot and __pycache__ do not count and are not copied: tools
// write there. A symbolic link is refused, for it leads out of what is counted.
func walkFolder(folder string, copyTo *string) (string, error) {
	list := sha256.New()
	n := 0
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		switch {
		case err != nil || rel == ".":
			return err
		case strings.HasPrefix(e.Name(), ".") || e.Name() == "__pycache__":
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			if copyTo == nil {
				return nil
			}
			return os.Mkdir(filepath.Join(*copyTo, rel), 0o700)
		}
		if n++; n > maxPluginFiles {
			return fmt.Errorf("it holds more than %d files", maxPluginFiles)
		}
		line, err := walkFile(path, rel, copyTo)
		if err != nil {
			return fmt.Errorf("%s: %w", rel, err)
		}
		_, err = list.Write([]byte(line))
		return err
	})
	if err == nil && n == 0 {
		err = errors.New("it holds no file")
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(list.Sum(nil)), nil
}

// walkFile is a file's line in the list.
func walkFile(path, rel string, copyTo *string) (string, error) {
	from, err := openTrusted(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return "", err
	}
	mode, kind := os.FileMode(0o400), "-"
	if info.Mode().Perm()&0o111 != 0 {
		mode, kind = 0o500, "x"
	}
	var sum string
	if copyTo == nil {
		sum, err = sumOf(from)
	} else {
		sum, err = copyFile(from, filepath.Join(*copyTo, rel), mode)
	}
	return fmt.Sprintf("%s %s %s\n", sum, kind, filepath.ToSlash(rel)), err
}

// removeTree removes a folder of copies.
func removeTree(path string) { _ = os.RemoveAll(path) }
