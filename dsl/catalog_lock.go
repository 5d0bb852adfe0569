package dsl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// LockFile is the name of the file in a workspace that holds what its external
// plugins describe, besides their checksums.
const LockFile = "plugins.lock.json"

// lockSchema is the version of the file's form that this build reads.
const lockSchema = "1.0"

// LockedCatalog has the plugins that come with nurture and those that the lock
// file of a workspace describes. It is nil where there is no lock file, and where
// the Diagnostics say why the file cannot be read.
func LockedCatalog(fsys fs.FS, language string) (Catalog, Diagnostics) {
	src, err := readFile(fsys, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Diagnostics{Language: language}
	}
	var c Catalog
	if err == nil {
		c, err = readLock(src)
	}
	if err == nil {
		return c, Diagnostics{Language: language}
	}
	r := &reporter{}
	at := hcl.Range{Filename: LockFile, Start: hcl.InitialPos, End: hcl.InitialPos}
	r.add(codeUnreadable, at, nil, Doc{
		err.Error() + "; write it anew with `nurture plugin lock`",
		err.Error() + "。`nurture plugin lock` で書き直してください",
	})
	return nil, r.diagnostics(map[string][]byte{LockFile: src}, language)
}

// readLock is the catalogue of a lock file. A locked plugin takes the place of one
// that is only described; it cannot take that of a built-in one.
func readLock(src []byte) (Catalog, error) {
	var lock struct {
		Schema  string `json:"schema"`
		Plugins []struct {
			Description json.RawMessage `json:"description"`
		} `json:"plugins"`
	}
	if err := json.Unmarshal(src, &lock); err != nil {
		return nil, err
	}
	if lock.Schema != lockSchema {
		return nil, fmt.Errorf("it has schema %q, this build reads %q", lock.Schema, lockSchema)
	}
	list := make([]json.RawMessage, len(lock.Plugins))
	for i, p := range lock.Plugins {
		list[i] = p.Description
	}
	all, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	locked, err := ReadCatalog(all)
	if err != nil {
		return nil, err
	}
	out := DefaultCatalog()
	for _, t := range locked {
		if have := out.find(t.Plugin); have != nil && !have.Missing {
			return nil, fmt.Errorf("plugin %s is built in and cannot be locked", t.Plugin)
		}
		out = append(slices.DeleteFunc(out, func(have *ChannelType) bool { return have.Plugin == t.Plugin }), t)
	}
	return out, nil
}

// NamedPlugins are the plugins that the channels of a workspace name, sorted, as
// far as its files can be read.
func NamedPlugins(fsys fs.FS) []string {
	files, err := listFiles(fsys)
	if err != nil {
		return nil
	}
	var names []string
	for _, file := range files.hcl {
		src, err := readFile(fsys, file)
		if err != nil {
			continue
		}
		body, _ := parseFile(&reporter{}, file, src)
		if body == nil {
			continue
		}
		for _, block := range body.Blocks {
			if name := pluginOf(block); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// pluginOf is the plugin that a channel block names, "" where it does not.
func pluginOf(block *hclsyntax.Block) string {
	a := block.Body.Attributes["plugin"]
	if block.Type != "channel" || a == nil {
		return ""
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}
