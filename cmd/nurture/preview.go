package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// previewOptions are the flags of preview.
type previewOptions struct {
	workspace, lead, out, step, variant string
}

func (c *cli) previewVerb() *cobra.Command {
	var o previewOptions
	verb := &cobra.Command{
		Use:   "preview [TEMPLATE]",
		Short: "Write a mail as a lead would get it, and open nothing",
		Long: `preview renders a template, or a step's whole message (subject, preview text, HTML,
plain text), for a lead that a JSON file describes, writes it beside the others
in --out and says which facts of that lead were empty. Nothing is sent. The file
has the lead's attributes, and whatever else should not be as it is for a lead
about whom nothing is known:

  {
    "attributes": {"email": "tanaka@example.co.jp", "last_name": "田中", "employees": 320},
    "scores": {"interest": 72}, "stage": "mql", "consents": {"marketing": true},
    "segments": {"target_account": true}, "now": "2026-10-06T09:30:00+09:00",
    "facts": {"times:email_clicked:14d": 2}
  }`,
		Example: "  nurture preview pricing/how_to_choose.md --lead tanaka.json\n  nurture preview --step pricing_nurture/how_to_choose --variant number --lead tanaka.json --out /tmp/mails",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return c.preview(args, o)
		},
	}
	f := verb.Flags()
	f.StringVarP(&o.workspace, "workspace", "w", ".", "folder of the *.hcl files")
	f.StringVar(&o.lead, "lead", "", "JSON file of the lead, - for standard input (default: nothing is known)")
	f.StringVarP(&o.out, "out", "o", ".", "folder to write to, - for the HTML on standard output")
	f.StringVar(&o.step, "step", "", "WORKFLOW/STEP: the step's message instead of a template alone")
	f.StringVar(&o.variant, "variant", "", "variant of the step's experiment (default: the first)")
	return verb
}

// previewed is a message that was rendered for nobody.
type previewed struct {
	name    string // of its files
	step    string // "workflow/step", "" where no step uses the template
	variant string
	content engine.Content
	parts   []engine.Field
	empty   []string
}

func (c *cli) preview(args []string, o previewOptions) error {
	w, err := c.load(o.workspace, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	p, err := c.choose(w, args, o)
	if err != nil {
		return err
	}
	lead, err := c.sampleLead(o.lead, w.Spec)
	if err != nil {
		return err
	}
	if err := p.render(w.Spec, lead, time.Now()); err != nil {
		return err
	}
	return c.showPreview(w, p, o.out)
}

// choose finds the message that the arguments name.
func (c *cli) choose(w *workspace, args []string, o previewOptions) (*previewed, error) {
	all, lang, templates := messagesOf(w.Spec), c.language(w.Language), listed(shortNames(w.Templates()))
	switch {
	case o.step != "" && len(args) > 0:
		return nil, errors.New(words(lang, "preview: name a TEMPLATE or a --step, not both", "preview: TEMPLATE と --step はどちらか一方だけを指定してください"))
	case o.step != "":
		return chooseStep(all, o.step, o.variant, lang)
	case len(args) == 0:
		return nil, fmt.Errorf(words(lang, "preview: name a TEMPLATE or a --step; templates: %s", "preview: TEMPLATE か --step を指定してください。テンプレート: %s"), templates)
	}
	name := dsl.TemplateName(args[0])
	if !slices.Contains(w.Templates(), name) {
		return nil, fmt.Errorf(words(lang, "preview %s: there is no such template; there are: %s", "preview %s: そのようなテンプレートはありません。あるのは: %s"), args[0], templates)
	}
	for _, p := range all {
		if p.content.Source() == name && (o.variant == "" || p.variant == o.variant) {
			p.name = fileNameOf(name)
			return p, nil
		}
	}
	if o.variant != "" {
		return nil, fmt.Errorf(words(lang, "preview %s: no step sends it as variant %q", "preview %s: これをバリアント %q で送るステップはありません"), args[0], o.variant)
	}
	content, problems := w.Template(name)
	if content == nil {
		problems.Language = c.language(problems.Language)
		return nil, c.invalid(problems)
	}
	return &previewed{name: fileNameOf(name), content: content}, nil
}

func shortNames(templates []string) []string {
	var out []string
	for _, t := range templates {
		out = append(out, strings.TrimPrefix(t, "templates/"))
	}
	return out
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// fileNameOf is a template's name without folder and ending.
func fileNameOf(template string) string {
	return strings.TrimSuffix(path.Base(template), path.Ext(template))
}

// messagesOf are all messages of all steps, in order, variants one by one.
func messagesOf(spec *engine.Spec) []*previewed {
	var all []*previewed
	for i := range spec.Flows {
		flow := &spec.Flows[i]
		for k := range flow.Steps {
			s := flow.Steps[k].Send
			if s == nil || s.Content == nil {
				continue
			}
			step := flow.Name + "/" + flow.Steps[k].Name
			file := flow.Name + "-" + flow.Steps[k].Name
			plain := true
			if x := s.Experiment; x != nil {
				for j := range x.Variants {
					v := &x.Variants[j]
					content := v.Content
					if content == nil {
						content = s.Content
					}
					all = append(all, &previewed{name: file + "-" + v.Name, step: step, variant: v.Name, content: content})
					plain = false
				}
			}
			if plain {
				all = append(all, &previewed{name: file, step: step, content: s.Content})
			}
		}
	}
	return all
}

func chooseStep(all []*previewed, step, variant, lang string) (*previewed, error) {
	var steps, variants []string
	for _, p := range all {
		if p.step != step {
			if !slices.Contains(steps, p.step) {
				steps = append(steps, p.step)
			}
			continue
		}
		if variant == "" || p.variant == variant {
			return p, nil
		}
		variants = append(variants, p.variant)
	}
	if len(variants) > 0 {
		return nil, fmt.Errorf(words(lang, "preview %s: there is no variant %q; there are: %s", "preview %s: バリアント %q はありません。あるのは: %s"), step, variant, listed(slices.DeleteFunc(variants, func(s string) bool { return s == "" })))
	}
	return nil, fmt.Errorf(words(lang, "preview %s: no such step sends a message; these do: %s", "preview %s: メッセージを送るそのようなステップはありません。あるのは: %s"), step, listed(steps))
}

// sampleLead reads the lead's file; without one, nothing is known of the lead.
func (c *cli) sampleLead(file string, spec *engine.Spec) (*sampleLead, error) {
	var in io.Reader
	switch file {
	case "":
		return &sampleLead{}, nil
	case "-":
		in = c.in
	default:
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read the lead: %w", err)
		}
		defer f.Close()
		in = f
	}
	lead, err := readLead(in, spec)
	if err != nil {
		return nil, fmt.Errorf("read the lead %s: %w", file, err)
	}
	return lead, nil
}

// sampleAddress is where a preview goes whose lead has no address.
const sampleAddress = "lead@example.com"

// render renders the message for the lead at an instant.
func (p *previewed) render(spec *engine.Spec, lead *sampleLead, now time.Time) error {
	v := viewOf(spec, lead, now)
	reads := p.content.Reads()
	p.empty = v.empty(reads)
	facts := v.facts(reads)
	if lead.Unsubscribe != "" {
		facts[dsl.UnsubscribeFact] = lead.Unsubscribe
	}
	address := engine.Key{Kind: engine.KeyLead, Name: "email"}
	if a, ok := p.content.(engine.Addressed); ok {
		address = a.Address()
	} else if spec.KeyAttr != "" {
		address.Name = spec.KeyAttr
	}
	if slices.Contains(p.empty, address.String()) {
		facts[address.String()] = sampleAddress
	}
	parts, err := p.content.Render(&engine.Vars{Facts: facts})
	if err != nil {
		return fmt.Errorf("preview: %w", err)
	}
	p.parts = parts
	return nil
}

// files are what the message is written into, by their ending.
func (p *previewed) files() map[string]string {
	files := map[string]string{}
	for _, part := range p.parts {
		switch part.Name {
		case "html":
			files[".html"] = part.Value.Text()
		case "text":
			files[".txt"] = part.Value.Text()
		}
	}
	if files[".html"] == "" {
		files = map[string]string{".json": jsonLines(p.others()) + "\n"}
	}
	return files
}

// others are the parts that are no files of their own.
func (p *previewed) others() map[string]any {
	out := map[string]any{}
	for _, part := range p.parts {
		if part.Name != "html" && part.Name != "text" || part.Value.Kind() != engine.Text {
			out[part.Name] = partValue(part.Value)
		}
	}
	return out
}
