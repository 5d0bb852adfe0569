package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// LockFile is the name of the file in a workspace that says which external
// plugins are trusted: their checksums, and what they describe.
const LockFile = "plugins.lock.json"

// lockSchema is the version of the file's form.
const lockSchema = "1.0"

// Lock is the content of a lock file. The zero Lock locks nothing.
type Lock struct {
	Plugins []Locked
}

// Locked is one external plugin that is trusted.
type Locked struct {
	// SHA256 are the checksums by platform, "linux/amd64".
	SHA256      map[string]string
	Description channel.Description
}

type jsonLock struct {
	Schema  string       `json:"schema"`
	Plugins []jsonLocked `json:"plugins"`
}

type jsonLocked struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	SHA256      map[string]string `json:"sha256"`
	Description json.RawMessage   `json:"description"`
}

// ReadLock reads the lock file of a workspace. Where there is none, nothing is
// locked.
func ReadLock(workspace fs.FS) (Lock, error) {
	b, err := fs.ReadFile(workspace, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Lock{}, nil
	}
	if err != nil {
		return Lock{}, fmt.Errorf("read %s: %w", LockFile, err)
	}
	l, err := DecodeLock(b)
	if err != nil {
		return Lock{}, fmt.Errorf("%s: %w; write it anew with nurture plugin lock", LockFile, err)
	}
	return l, nil
}

// DecodeLock reads what Encode wrote.
func DecodeLock(b []byte) (Lock, error) {
	var j jsonLock
	if err := json.Unmarshal(b, &j); err != nil {
		return Lock{}, err
	}
	if j.Schema != lockSchema {
		return Lock{}, fmt.Errorf("it has schema %q, this build reads %q", cut(j.Schema, 20), lockSchema)
	}
	var l Lock
	for _, p := range j.Plugins {
		d, err := channel.DecodeDescription(p.Description)
		switch {
		case err != nil:
			return Lock{}, fmt.Errorf("plugin %q: %w", cut(p.Name, 60), err)
		case d.Name != p.Name || d.Version != p.Version:
			return Lock{}, fmt.Errorf("plugin %q version %q: its description is of %s version %q", cut(p.Name, 60), cut(p.Version, 40), d.Name, d.Version)
		case l.Find(p.Name) != nil:
			return Lock{}, fmt.Errorf("plugin %q is locked twice", p.Name)
		}
		l.Plugins = append(l.Plugins, Locked{SHA256: p.SHA256, Description: d})
	}
	return l, nil
}

// Encode is the content of the lock file, the same for the same lock.
func (l Lock) Encode() ([]byte, error) {
	plugins := slices.Clone(l.Plugins)
	slices.SortFunc(plugins, func(a, b Locked) int { return strings.Compare(a.Description.Name, b.Description.Name) })
	j := jsonLock{Schema: lockSchema, Plugins: []jsonLocked{}}
	for _, p := range plugins {
		d, err := channel.EncodeDescription(p.Description)
		if err != nil {
			return nil, err
		}
		j.Plugins = append(j.Plugins, jsonLocked{p.Description.Name, p.Description.Version, p.SHA256, d})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(j); err != nil {
		return nil, fmt.Errorf("write %s: %w", LockFile, err)
	}
	return b.Bytes(), nil
}

// Write writes the lock file of a workspace, whole or not at all. It reports
// whether that changed anything.
func (l Lock) Write(workspace string) (bool, error) {
	b, err := l.Encode()
	if err != nil {
		return false, err
	}
	path := filepath.Join(workspace, LockFile)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return false, nil
	}
	temp, err := os.CreateTemp(workspace, "."+LockFile+"-")
	if err != nil {
		return false, fmt.Errorf("write %s: %w", LockFile, err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(b)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return false, fmt.Errorf("write %s: %w", LockFile, err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return false, fmt.Errorf("write %s: %w", LockFile, err)
	}
	return true, nil
}

// Find is the locked plugin of that name, nil when there is none.
func (l Lock) Find(name string) *Locked {
	for i := range l.Plugins {
		if l.Plugins[i].Description.Name == name {
			return &l.Plugins[i]
		}
	}
	return nil
}

// Resolve gives the built-in plugins and the locked ones, with the programs that
// were found for them on this machine, which is of the platform "linux/amd64" for
// instance.
func (l Lock) Resolve(found []Found, platform string) Plugins {
	p := Plugins{Catalog: Catalog(), Binaries: map[string]Binary{}, Absent: map[string]string{}}
	for _, locked := range l.Plugins {
		name := locked.Description.Name
		p.Catalog = append(slices.DeleteFunc(p.Catalog, func(d channel.Description) bool {
			return d.Name == name
		}), locked.Description)
		sum := locked.SHA256[platform]
		at := slices.IndexFunc(found, func(f Found) bool { return f.Name == name })
		switch {
		case at < 0:
			p.Absent[name] = fmt.Sprintf("plugin %s is locked, but its program %s is neither in the workspace's folder %s nor on PATH; install it",
				name, ProgramPrefix+name, PluginsFolder)
		case sum == "":
			p.Absent[name] = fmt.Sprintf("plugin %s is not locked for %s; run nurture plugin lock on such a machine", name, platform)
		default:
			b := found[at].Binary
			b.SHA256 = sum
			p.Binaries[name] = b
		}
	}
	return p
}
