package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/graph"
)

// graphForms write a graph down, by the name that --format gives them.
var graphForms = map[string]func(graph.Graph) string{
	"text": graph.Text, "mermaid": graph.Mermaid, "dot": graph.DOT, "svg": graph.SVG,
}

const graphFormats = "text, mermaid, dot, svg"

func (c *cli) graphVerb() *cobra.Command {
	var workspace, format, out string
	verb := &cobra.Command{
		Use:   "graph [WORKFLOW]",
		Short: "Draw a workflow, or how all of them connect",
		Long: `graph draws what leads to what: as text for the terminal, as Mermaid for wikis and
code hosts, as DOT for Graphviz, or as an SVG picture. Without a WORKFLOW it draws
the whole workspace: events, segments, toss-ups, workflows and channels.`,
		Example: "  nurture graph pricing_nurture\n  nurture graph pricing_nurture --format svg --out flow.svg\n  nurture graph --format mermaid --lang ja",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			write := graphForms[format]
			if write == nil {
				return fmt.Errorf("--format is one of %s, not %q", graphFormats, format)
			}
			w, err := c.load(workspace, loadOptions{quiet: true})
			if err != nil {
				return err
			}
			g, err := c.graphOf(w, args)
			if err != nil {
				return err
			}
			if c.json {
				return c.print(graphDoc(g))
			}
			return c.writeOut(out, write(g))
		},
	}
	verb.Flags().StringVarP(&workspace, "workspace", "w", ".", "folder of the *.hcl files")
	verb.Flags().StringVar(&format, "format", "text", "one of "+graphFormats)
	verb.Flags().StringVarP(&out, "out", "o", "-", "file to write, - for standard output")
	return verb
}

// graphOf draws the workflow that the arguments name, or everything.
func (c *cli) graphOf(w *workspace, args []string) (graph.Graph, error) {
	words := graph.Words{Lang: c.language(w.Language), Sentence: dsl.Sentence}
	if len(args) == 0 {
		return graph.Portfolio(w.Spec, words), nil
	}
	name := strings.TrimPrefix(args[0], "workflow.")
	i := slices.IndexFunc(w.Spec.Flows, func(f engine.FlowSpec) bool { return f.Name == name })
	if i < 0 {
		return graph.Graph{}, fmt.Errorf("draw workflow %s: %s", name, knownFlows(w.Spec, words.Lang))
	}
	return graph.Flow(w.Spec, &w.Spec.Flows[i], words), nil
}

// knownFlows says which workflows there are, for who named another.
func knownFlows(spec *engine.Spec, lang string) string {
	var names []string
	for i := range spec.Flows {
		names = append(names, spec.Flows[i].Name)
	}
	if len(names) == 0 {
		return words(lang, "the workspace has no workflows", "このワークスペースにワークフローはありません")
	}
	list := strings.Join(names, ", ")
	return words(lang, "there is no such workflow; there are: "+list, "そのようなワークフローはありません。あるのは: "+list)
}

// graphDoc is a graph as JSON.
func graphDoc(g graph.Graph) map[string]any {
	edges := []map[string]any{}
	for _, e := range g.Edges {
		doc := map[string]any{"from": g.Nodes[e.From].ID, "to": g.Nodes[e.To].ID, "kind": e.Kind}
		if e.Way != "" {
			doc["way"] = e.Way
		}
		if len(e.Lines) > 0 {
			doc["lines"] = e.Lines
		}
		edges = append(edges, doc)
	}
	return map[string]any{
		"ok": true, "name": g.Name, "title": g.Title, "nodes": orNone(g.Nodes), "edges": edges, "notes": orNone(g.Notes),
	}
}

// orNone is a list that JSON writes as [] where it is empty.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// writeOut writes a verb's result to a file, or to standard output for "-".
func (c *cli) writeOut(file, text string) error {
	if file == "-" || file == "" {
		if _, err := fmt.Fprint(c.out, text); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}
	return replaceFile(file, []byte(text))
}
