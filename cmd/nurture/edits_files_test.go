package main_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rulesFolder is the edited workspace on disk: a link that is turned from a git
// repository to a release, to a folder as Kubernetes mounts it, and back.
type rulesFolder struct {
	t    *testing.T
	rng  *rand.Rand
	top  string
	link string            // what the server serves
	kind string            // of the folder behind it: repo, release, mount
	home map[string]string // by block: the file in which it stands
	n    int               // of releases
	git  bool
	past []string // commits
}

func newRulesFolder(t *testing.T, rng *rand.Rand) *rulesFolder {
	top := t.TempDir()
	_, err := exec.LookPath("git")
	f := &rulesFolder{t: t, rng: rng, top: top, link: filepath.Join(top, "current"), kind: "repo", home: map[string]string{}, git: err == nil}
	f.must(os.Mkdir(filepath.Join(top, "repo"), 0o755))
	f.must(os.Symlink("repo", f.link))
	if f.git {
		f.run("init", "-q")
	}
	return f
}

func (f *rulesFolder) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// run runs git in the repository, as Sato.
func (f *rulesFolder) run(args ...string) string {
	f.t.Helper()
	args = append([]string{"-C", filepath.Join(f.top, "repo"), "-c", "user.name=Sato", "-c", "user.email=sato@example.com", "-c", "commit.gpgsign=false", "-c", "gc.auto=0"}, args...)
	out, err := exec.CommandContext(f.t.Context(), "git", args...).CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// files are the workspace's files as the blocks are spread over them.
func (f *rulesFolder) files(b *ruleBook, note string) map[string]string {
	blocks := b.blocks()
	maps.DeleteFunc(f.home, func(block, _ string) bool { _, ok := blocks[block]; return !ok })
	files := map[string]string{"texts/note.txt": note}
	for _, block := range slices.Sorted(maps.Keys(blocks)) {
		if f.home[block] == "" {
			f.home[block] = block + ".hcl"
		}
		files[f.home[block]] += blocks[block] + "\n"
	}
	return files
}

// spread lets blocks stand in other files: split, merged or renamed.
func (f *rulesFolder) spread() {
	names := slices.Sorted(maps.Keys(f.home))
	a, b := names[f.rng.IntN(len(names))], names[f.rng.IntN(len(names))]
	switch f.rng.IntN(3) {
	case 0: // merged
		f.home[a] = f.home[b]
	case 1: // split off
		f.home[a] = a + ".hcl"
	default: // the file renamed, into another folder
		was, to := f.home[a], fmt.Sprintf("part%d/rules%d.hcl", f.rng.IntN(3), f.rng.IntN(1000))
		for _, block := range names {
			if f.home[block] == was {
				f.home[block] = to
			}
		}
	}
}

// read gives the files as they are on disk now.
func (f *rulesFolder) read() map[string]string {
	files := map[string]string{}
	root := f.link
	if f.kind == "mount" {
		root = filepath.Join(f.link, "..data")
	}
	root, err := filepath.EvalSymlinks(root)
	f.must(err)
	f.must(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return filepath.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return files
}

// save brings the folder to the given files, in the manner of some editor or
// deployment.
func (f *rulesFolder) save(files map[string]string) {
	switch manner := f.rng.IntN(10); {
	case manner == 0:
		f.release(files)
	case manner == 1:
		f.mount(files)
	case f.kind == "mount": // whose files nobody edits in place
		f.mount(files)
	default:
		f.edit(files)
	}
}

// edit changes what differs, new files first: nothing is missing in between.
func (f *rulesFolder) edit(files map[string]string) {
	have := f.read()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if text, ok := have[name]; !ok || text != files[name] {
			f.write(filepath.Join(f.link, filepath.FromSlash(name)), files[name])
		}
	}
	for name := range have {
		if _, ok := files[name]; !ok {
			f.must(os.Remove(filepath.Join(f.link, filepath.FromSlash(name))))
		}
	}
}

// write writes one file as one of the common editors does.
func (f *rulesFolder) write(file, text string) {
	f.must(os.MkdirAll(filepath.Dir(file), 0o755))
	put := func(name string) { f.must(os.WriteFile(name, []byte(text), 0o600)) }
	hidden := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".swp")
	switch f.rng.IntN(4) {
	case 0: // in place
		put(file)
	case 1: // a new file over the old one
		put(hidden)
		f.must(os.Rename(hidden, file))
	case 2: // the old one aside, a new one, the old one gone
		backup := file + "~"
		kept := os.Rename(file, backup) == nil
		put(file)
		if kept {
			f.must(os.Remove(backup))
		}
	default: // in two strokes, beside a lock that points nowhere
		lock := filepath.Join(filepath.Dir(file), ".#"+filepath.Base(file))
		f.must(os.Symlink("somebody@somewhere.1", lock))
		half, err := os.Create(file)
		f.must(err)
		cut := f.rng.IntN(len(text) + 1)
		_, err = half.WriteString(text[:cut])
		f.must(err)
		_, err = half.WriteString(text[cut:])
		f.must(err)
		f.must(half.Close())
		f.must(os.Remove(lock))
	}
}

// fill makes a folder of the files.
func (f *rulesFolder) fill(dir string, files map[string]string) {
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		f.must(os.MkdirAll(filepath.Dir(file), 0o755))
		f.must(os.WriteFile(file, []byte(text), 0o600))
	}
}

// turn lets a link point to something else, at one stroke.
func (f *rulesFolder) turn(link, to string) {
	next := filepath.Join(filepath.Dir(link), ".next")
	f.must(os.Symlink(to, next))
	f.must(os.Rename(next, link))
}

// release writes a new folder and turns the link to it.
func (f *rulesFolder) release(files map[string]string) {
	f.n++
	name := fmt.Sprintf("release-%d", f.n)
	f.fill(filepath.Join(f.top, name), files)
	f.turn(f.link, name)
	f.kind = "release"
}

// mount turns a folder's one link, as Kubernetes does with a changed ConfigMap.
func (f *rulesFolder) mount(files map[string]string) {
	f.n++
	inside := f.kind == "mount"
	mount := filepath.Join(f.top, fmt.Sprintf("mount-%d", f.n))
	if inside {
		var err error
		mount, err = filepath.EvalSymlinks(f.link)
		f.must(err)
	}
	data := fmt.Sprintf("..%d", f.n)
	f.fill(filepath.Join(mount, data), files)
	f.turn(filepath.Join(mount, "..data"), data)
	tops := map[string]bool{}
	for name := range files {
		top, _, _ := strings.Cut(name, "/")
		tops[top] = true
		link := filepath.Join(mount, top)
		if _, err := os.Lstat(link); err != nil {
			f.must(os.Symlink(filepath.Join("..data", top), link))
		}
	}
	have, err := os.ReadDir(mount)
	f.must(err)
	for _, e := range have {
		if !strings.HasPrefix(e.Name(), "..") && !tops[e.Name()] {
			f.must(os.Remove(filepath.Join(mount, e.Name())))
		}
	}
	if !inside {
		f.turn(f.link, filepath.Base(mount))
	}
	f.kind = "mount"
}

// commit lets the repository have the files, and the link point to it.
func (f *rulesFolder) commit(files map[string]string) {
	repo := filepath.Join(f.top, "repo")
	if f.kind != "repo" {
		f.clear(repo)
		f.fill(repo, files)
		f.turn(f.link, "repo")
		f.kind = "repo"
	} else {
		f.edit(files)
	}
	if !f.git {
		return
	}
	f.run("add", "-A")
	f.run("commit", "-q", "--allow-empty", "-m", "rules")
	f.past = append(f.past, f.run("rev-parse", "HEAD"))
}

// clear empties the repository's folder, but for what is git's.
func (f *rulesFolder) clear(repo string) {
	have, err := os.ReadDir(repo)
	f.must(err)
	for _, e := range have {
		if e.Name() != ".git" {
			f.must(os.RemoveAll(filepath.Join(repo, e.Name())))
		}
	}
}

// checkout brings an earlier commit's files back, by git.
func (f *rulesFolder) checkout(commit string) {
	f.run("checkout", "-q", "-f", commit)
}

// sourcesOf is what an archive holds of files.
func sourcesOf(files map[string]string) map[string][]byte {
	sources := map[string][]byte{}
	for name, text := range files {
		sources[name] = bytes.Clone([]byte(text))
	}
	return sources
}
