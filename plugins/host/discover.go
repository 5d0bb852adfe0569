package host

import (
	"os"
	"path/filepath"
	"strings"
)

// An external plugin called NAME is a program called nurture-plugin-NAME: in the
// workspace's folder of plugins, in a folder NAME there that brings what the
// program needs, or in one of the folders of PATH.
const (
	ProgramPrefix = "nurture-plugin-"
	PluginsFolder = "plugins"
)

// Origin says where a plugin comes from.
type Origin string

// The origins.
const (
	Builtin     Origin = "built_in"
	InWorkspace Origin = "workspace"
	OnPath      Origin = "path"
)

// Found is an external plugin that is on this machine. Its Binary is not pinned.
type Found struct {
	Name   string
	Origin Origin
	Binary Binary
}

// Discover finds the external plugins of a workspace, in this order of precedence:
// its folder of plugins, then PATH as given. Nothing is started.
func Discover(workspace, path string) []Found {
	var found []Found
	seen := map[string]bool{}
	add := func(f Found) {
		if !seen[f.Name] {
			seen[f.Name] = true
			found = append(found, f)
		}
	}
	for _, f := range discoverInWorkspace(filepath.Join(workspace, PluginsFolder)) {
		add(f)
	}
	for _, folder := range filepath.SplitList(path) {
		if !filepath.IsAbs(folder) {
			continue // "." among them would run what lies about
		}
		for _, f := range discoverOnPath(folder) {
			add(f)
		}
	}
	return found
}

func discoverInWorkspace(folder string) []Found {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []Found
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !e.IsDir() {
			if name, ok := pluginName(path); ok {
				found = append(found, Found{name, InWorkspace, Binary{Path: path}})
			}
			continue
		}
		program := filepath.Join(path, ProgramPrefix+e.Name())
		if name, ok := pluginName(program); ok {
			found = append(found, Found{name, InWorkspace, Binary{Path: program, Folder: path}})
		}
	}
	return found
}

// discoverOnPath follows links, since package managers put links on PATH.
func discoverOnPath(folder string) []Found {
	paths, _ := filepath.Glob(filepath.Join(globQuote(folder), ProgramPrefix+"*"))
	var found []Found
	for _, path := range paths {
		name, ok := pluginName(path)
		if !ok {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			found = append(found, Found{name, OnPath, Binary{Path: real}})
		}
	}
	return found
}

// globQuote takes the meaning from the signs of a pattern.
func globQuote(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// pluginName is the name of the plugin that a program is, and whether it is one.
func pluginName(path string) (string, bool) {
	base := filepath.Base(path)
	name, ok := strings.CutPrefix(strings.TrimSuffix(base, ".exe"), ProgramPrefix)
	if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", false
	}
	info, err := os.Stat(path)
	return name, err == nil && info.Mode().IsRegular() && (info.Mode().Perm()&0o111 != 0 || strings.HasSuffix(base, ".exe"))
}
