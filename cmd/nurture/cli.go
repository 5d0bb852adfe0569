package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The exit codes of every verb.
const (
	exitFine        = 0
	exitFailed      = 1 // problems found, tests failed, or it could not be done
	exitInvalid     = 3 // the workspace does not load
	exitUnreachable = 4 // no server answers
)

// exit is an error that sets the exit code. Said is true when what is wrong has
// been printed already.
type exit struct {
	code int
	said bool
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// failed ends a verb whose output has told already what is wrong.
func failed(code int) error { return &exit{code: code, said: true} }

// cli is what all verbs share: where to print, and how.
type cli struct {
	in       io.Reader
	out, err io.Writer
	json     bool
	lang     string         // "ja" or "en"; "" asks the project, then the environment
	zone     *time.Location // of the project, once something has told it
	log      *slog.Logger
}

// schemaVersion is the version of every object that --json prints. Fields may be
// added under it; none changes its meaning or goes.
const schemaVersion = "1.0"

// run is main without the process.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	c := &cli{in: in, out: out, err: errs, log: slog.New(slog.NewTextHandler(errs, nil))}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	var e *exit
	if !errors.As(err, &e) {
		e = &exit{code: exitFailed, err: err}
	}
	if !e.said {
		c.complain(e)
	}
	return e.code
}

// complain prints an error that the verb has not told itself.
func (c *cli) complain(e *exit) {
	if c.json {
		_ = c.print(map[string]any{"ok": false, "error": e.Error()})
		return
	}
	fmt.Fprintf(c.err, "nurture: %v\n", e)
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "nurture",
		Short:         "Lead nurturing as code",
		Long:          "nurture checks, tests, replays and serves lead-nurturing rules written in HCL.\n\nTo see it work: nurture dev",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.SetVersionTemplate("nurture {{.Version}}\n")
	root.PersistentFlags().BoolVar(&c.json, "json", false, "print one JSON object (schema "+schemaVersion+") on standard output")
	root.PersistentFlags().StringVar(&c.lang, "lang", "", "language of messages: ja or en (default: the project's, else $LANG)")
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return c.checkLang() }
	root.AddCommand(
		c.initVerb(), c.checkVerb(), c.fmtVerb(), c.graphVerb(), c.previewVerb(), c.testVerb(), c.tryVerb(), c.replayVerb(), c.planVerb(), c.applyVerb(), c.learnVerb(), c.revisionsVerb(), c.diffVerb(), c.rollbackVerb(), c.rolloutVerb(),
		c.serveVerb(), c.devVerb(), c.statusVerb(), c.explainVerb(), c.decisionsVerb(), c.eventVerb(), c.importVerb(), c.exportVerb(), c.backupVerb(), c.restoreVerb(), c.leadVerb(), c.factVerb(), c.consentVerb(), c.keyVerb(), c.loginVerb(), c.auditVerb(),
		c.deliveriesVerb(), c.experimentVerb(), c.tossUpsVerb(), c.kpiVerb(), c.generateVerb(), c.funnelVerb(), c.lifecycleVerb(), c.attributionVerb(), c.reviewVerb(), c.pauseVerb(), c.resumeVerb(), c.drainVerb(), c.pluginVerb(), c.docsVerb(), c.lspVerb(), c.versionVerb(),
	)
	c.speakHelp(root)
	return root
}

func (c *cli) checkLang() error {
	switch c.lang {
	case "", "ja", "en":
		return nil
	}
	return fmt.Errorf("--lang is ja or en, not %q", c.lang)
}

// language is the language to speak: the flag's, else the project's, else the
// environment's.
func (c *cli) language(project string) string {
	if c.lang != "" {
		return c.lang
	}
	if project != "" {
		return project
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "ja") {
				return "ja"
			}
			return "en"
		}
	}
	return "en"
}

// print writes one object on standard output, with the schema's version first.
func (c *cli) print(object map[string]any) error {
	object["schema"] = schemaVersion
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(object)
}

// words picks the sentence of a language.
func words(language, en, ja string) string {
	if language == "ja" {
		return ja
	}
	return en
}

// plural is "1 file", "2 files".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
