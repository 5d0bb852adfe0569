package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// experimentOptions are the flags of experiment.
type experimentOptions struct {
	workspace, data, apply string
	write, tags            bool
}

func (c *cli) experimentVerb() *cobra.Command {
	var o experimentOptions
	verb := &cobra.Command{
		Use:   "experiment [NAME]",
		Short: "Show how experiments stand, and put a winner into the file",
		Long: `experiment shows the arms of every experiment with what was counted, what is still
missing, and what it has settled on; below, what workflows with a hold-out bring
about. NAME is WORKFLOW/STEP/EXPERIMENT, or the last part of it. It asks a running
server; with --data it reads the state folder of a server that does not run.

--write takes a settled experiment out of the workspace's file and puts the winner
into the step. --apply puts an arm in force on a running server by hand. --tags
shows what the tags of variants did over all experiments.`,
		Example: "  nurture experiment\n  nurture experiment subject_style --write -w rules\n  nurture experiment letter/issue/subject_style --apply number\n  nurture experiment --tags",
		Args:    cobra.MaximumNArgs(1),
	}
	cl := c.serverFlags(verb)
	f := verb.Flags()
	f.StringVarP(&o.workspace, "workspace", "w", ".", "folder of the *.hcl files")
	f.StringVar(&o.data, "data", "", "state folder of a server that does not run, instead of asking one")
	f.StringVar(&o.apply, "apply", "", "put this arm in force, on a running server")
	f.BoolVar(&o.write, "write", false, "put the winner into the workspace's file, and the experiment out of it")
	f.BoolVar(&o.tags, "tags", false, "show what the tags of variants did over all experiments")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		return c.experiment(cmd.Context(), cl, name, o)
	}
	return verb
}

func (c *cli) experiment(ctx context.Context, cl *client, name string, o experimentOptions) error {
	if err := o.check(name); err != nil {
		return err
	}
	list, err := c.experimentList(ctx, cl, o)
	if err != nil {
		return err
	}
	if o.tags {
		return c.printTags(list.Tags)
	}
	if name == "" && !o.write {
		return c.printExperiments(list.Experiments, list.Holdouts)
	}
	x, err := pick(list.Experiments, name)
	if err != nil {
		return err
	}
	switch {
	case o.write:
		return c.writeWinner(o.workspace, x)
	case o.apply != "":
		order := httpd.ApplyOrder{Name: x.Name, Arm: o.apply}
		if err := cl.call(ctx, http.MethodPost, "/api/v1/experiments/apply", order, x); err != nil {
			return err
		}
	}
	return c.printExperiments([]httpd.ExperimentDoc{*x}, nil)
}

// check refuses what does not go together.
func (o *experimentOptions) check(name string) error {
	switch {
	case o.apply != "" && o.write:
		return errors.New("experiment: --apply changes a running server and --write the file; do one after the other")
	case o.apply != "" && name == "":
		return errors.New("experiment: name the experiment whose arm is to be used")
	case o.apply != "" && o.data != "":
		return errors.New("experiment: --apply needs a running server; leave --data out")
	case o.tags && (name != "" || o.write || o.apply != ""):
		return errors.New("experiment: --tags is over all experiments and stands alone")
	}
	return nil
}

// pick finds an experiment by its name, or by the last part where that is enough.
func pick(list []httpd.ExperimentDoc, name string) (*httpd.ExperimentDoc, error) {
	var found []int
	var have []string
	for i := range list {
		have = append(have, list[i].Name)
		if list[i].Name == name || name == "" || strings.HasSuffix(list[i].Name, "/"+name) {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 1:
		return &list[found[0]], nil
	case len(list) == 0:
		return nil, errors.New("there is no experiment in the rules")
	case len(found) == 0:
		return nil, fmt.Errorf("there is no experiment %q; there are: %s", name, strings.Join(have, ", "))
	}
	return nil, fmt.Errorf("name one of the experiments: %s", strings.Join(have, ", "))
}

// experimentList asks the server, or reads the folder of one that does not run.
func (c *cli) experimentList(ctx context.Context, cl *client, o experimentOptions) (httpd.ExperimentList, error) {
	var list httpd.ExperimentList
	if o.data == "" {
		err := cl.call(ctx, http.MethodGet, "/api/v1/experiments", nil, &list)
		return list, err
	}
	w, err := c.load(o.workspace, loadOptions{quiet: true})
	if err != nil {
		return list, err
	}
	p, err := w.program(1)
	if err != nil {
		return list, err
	}
	return readState(p, o.data)
}

// readState reads experiments from a state folder that no server holds.
func readState(p *engine.Program, dir string) (list httpd.ExperimentList, err error) {
	st, err := openState(dir)
	if err != nil {
		return list, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	ruling, err := st.LastRuling()
	if err != nil {
		return list, err
	}
	if ruling != nil {
		p = p.Under(&ruling.Rulings)
	}
	return httpd.ReadExperiments(p, st.Counts, engine.TimeOf(time.Now()))
}

// openState opens a state folder that no server holds, for reading.
func openState(dir string) (*store.Store, error) {
	if _, err := os.Stat(filepath.Join(dir, "FORMAT")); err != nil {
		return nil, fmt.Errorf("open the state: %s is no state folder of a server: %w", dir, err)
	}
	return store.Open(store.Options{Dir: dir, Ballast: ballastOf(dir)})
}

// ballastOf is the size of a folder's ballast, so that reading the folder leaves it
// as it is.
func ballastOf(dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, "ballast"))
	if err != nil {
		return -1
	}
	return info.Size()
}

// settledArm is the arm on which an experiment has settled, or why there is none.
func settledArm(x *httpd.ExperimentDoc) (string, error) {
	switch {
	case x.Winner != nil:
		return x.Winner.Arm, nil
	case x.State == "decided":
		return x.Leader, nil
	case x.State == "mismatched":
		return "", fmt.Errorf("%s: the arms did not get their shares of the draw, so that no figure can be trusted; find what is lost on the way, and begin it anew under another name", x.Name)
	case x.Fault != "":
		return "", fmt.Errorf("%s: %s", x.Name, x.Fault)
	case x.Missing > 0:
		return "", fmt.Errorf("%s has settled on nothing: %s still to come until every arm has %d", x.Name, plural(int(x.Missing), "judged lead", "judged leads"), x.MinEach)
	case x.State == "same":
		return "", fmt.Errorf("%s: no arm is better than the others by anything worth having; take the one that you like with --apply first", x.Name)
	}
	return "", fmt.Errorf("%s has settled on nothing: no arm is surely better yet", x.Name)
}
