package dsl

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// TemplateName is how a template is called inside a workspace: its path below
// templates/, however a person wrote it.
func TemplateName(arg string) string {
	name := path.Clean(strings.ReplaceAll(arg, `\`, "/"))
	if at := strings.LastIndex("/"+name, "/"+templatesDir); at >= 0 {
		name = name[at+len(templatesDir):]
	}
	return templatesDir + name
}

// Templates are the names of the workspace's templates, in order.
func (w *Workspace) Templates() []string {
	var out []string
	for _, name := range names(w.Sources) {
		if ext := path.Ext(name); strings.HasPrefix(name, templatesDir) && (ext == ".md" || ext == ".html") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Template compiles a template by itself, with no subject: one that no step uses
// yet can be looked at, too. The Content is nil where the Diagnostics hold an
// Error.
func (w *Workspace) Template(name string) (engine.Content, Diagnostics) {
	r := &reporter{}
	src := w.Sources[name]
	content, found := compileMail(templateFile{Name: name, Source: src}, textTemplate{}, w.scope.with(readsConfirm, nil))
	r.take(found, hcl.Range{Filename: name}, nil)
	return content, r.diagnostics(map[string][]byte{name: src}, w.Language)
}
