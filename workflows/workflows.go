// Package workflows holds starter workspaces: whole folders of rules, texts and
// tests that a team copies and makes its own. They are files, embedded; there is
// no logic here.
package workflows

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed document-request-ja
var files embed.FS

// DocumentRequest is the starter for Japanese B2B: a document is requested,
// thanks and a case study follow, and sales hears of whoever warms up. It is what
// `nurture dev` shows.
const DocumentRequest = "document-request-ja"

// Names are the starters there are, in order.
func Names() []string { return []string{DocumentRequest} }

// Open gives a starter's files.
func Open(name string) (fs.FS, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no starter called %q", name)
	}
	return fs.Sub(files, name)
}
