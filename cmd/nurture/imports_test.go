package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is nurture's own.
const module = "github.com/seed-456efde2/nurture"

// law is what a package may import, and why not more. Direct imports of files
// that are not tests count: a test may look at anything.
type law struct {
	pkg     string   // folder below the module's, "" being the module's own
	ours    []string // packages of ours, as folders
	outside []string // modules or packages of others, with all below them
	not     []string // of the standard library, with all below them
	pure    purity
	because string
}

// purity says what a package must not call.
type purity uint8

const (
	impure   purity = iota
	timeless        // reads no clock and draws no random number
	pure            // timeless, and neither waits nor starts a goroutine
)

// The law. A new package starts with its row.
var laws = []law{
	{
		pkg: "engine", ours: []string{"engine/kpi", "engine/calendar", "engine/verdict"},
		not: []string{"os", "net", "io/fs", "log", "path/filepath"}, pure: pure,
		because: "deciding is pure: same program, same lead, same event, same effects, on every machine",
	},
	{
		pkg: "engine/kpi", outside: []string{"gonum.org/v1/gonum/stat"},
		not: []string{"os", "net", "log"}, pure: pure,
		because: "arithmetic needs nobody",
	},
	{
		pkg: "engine/calendar", outside: []string{"github.com/rickar/cal/v2", "github.com/adhocore/gronx"},
		not: []string{"os", "net", "log"}, pure: pure,
		because: "all time arithmetic is in one place, and needs nobody but holiday tables, the cron parser, and the zones that it brings along in an archive (archive/zip over an embedded file)",
	},
	{
		pkg: "engine/intake", ours: []string{"engine"}, outside: []string{"golang.org/x/text/unicode/norm"},
		not: []string{"os", "net", "log"}, pure: pure,
		because: "wire forms become events purely; the only foreign part brings text to NFC",
	},
	{
		pkg: "engine/normal", outside: []string{"golang.org/x/text/unicode/norm", "golang.org/x/net/idna", "github.com/nyaruka/phonenumbers"},
		not: []string{"os", "net", "log"}, pure: pure,
		because: "how an address or a number is written is a function of the text; the foreign parts are tables of Unicode, domains and countries",
	},
	{
		pkg: "engine/tracking", not: []string{"os", "net/http", "log"}, pure: pure,
		because: "the renderer signs and the server verifies with the same few lines",
	},
	{
		pkg: "engine/graph", ours: []string{"engine", "engine/calendar"}, outside: []string{"golang.org/x/text/width"},
		not: []string{"os", "net", "log"}, pure: pure,
		because: "a picture is a function of the rules, the same for the command line and the console; the only foreign part knows wide characters",
	},
	{
		pkg: "engine/verdict", not: []string{"os", "net/http", "log"}, pure: pure,
		because: "who opened and clicked is judged from what is handed in; arithmetic needs nobody",
	},
	{
		pkg: "engine/sim", ours: []string{"engine", "engine/kpi", "engine/calendar"},
		not: []string{"net", "log"}, pure: pure,
		because: "a reference shares nothing with what it judges",
	},
	{
		pkg: "engine/learn", not: []string{"os", "net", "log"}, pure: pure,
		because: "weights are fitted to what is handed in; arithmetic needs nobody",
	},
	{
		pkg: "engine/history", ours: []string{"engine", "engine/kpi", "engine/calendar", "engine/sim", "engine/learn"},
		not: []string{"net", "log"}, pure: timeless,
		because: "the past is read through a port, whoever holds it",
	},
	{
		pkg: "engine/store", ours: []string{"engine", "engine/kpi", "engine/calendar"},
		outside: []string{"github.com/dgraph-io/badger/v4", "golang.org/x/sys"}, not: []string{"net"},
		because: "state knows no rules",
	},
	{
		pkg: "engine/runner", ours: []string{"engine", "engine/kpi", "engine/calendar", "engine/store"},
		outside: []string{"golang.org/x/time/rate", "github.com/oklog/ulid/v2"}, not: []string{"net"},
		because: "the shell in time knows ports, not who is behind them",
	},
	{
		pkg: "engine/cluster", ours: []string{"engine", "engine/runner"},
		outside: []string{"github.com/nats-io/nats-server/v2", "github.com/nats-io/nats.go"},
		because: "a journal carries facts",
	},
	{
		pkg: "engine/enginetest", ours: []string{"engine", "engine/kpi", "engine/calendar", "engine/sim"},
		outside: []string{"pgregory.net/rapid", "github.com/cockroachdb/datadriven"}, not: []string{"net"},
		because: "support for tests and measurements; whoever measures the store brings the store along",
	},
	{
		pkg: "engine/enginetest/deadend", pure: timeless,
		because: "an address at which nobody answers, for tests only; it knows nobody of ours",
	},
	{
		pkg: "engine/enginetest/leaks", outside: []string{"go.uber.org/goleak"}, not: []string{"net"}, pure: timeless,
		because: "tests leave no goroutine behind, for tests only; it knows nobody of ours",
	},
	{
		pkg: "engine/enginetest/seeded", outside: []string{"pgregory.net/rapid"}, not: []string{"net"},
		because: "random tests see the same worlds each time, for tests only; it knows nobody of ours",
	},
	{
		pkg: "dsl", ours: []string{"engine", "engine/normal", "engine/kpi", "engine/calendar", "engine/intake"},
		outside: []string{
			"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty", "github.com/expr-lang/expr",
			"github.com/fsnotify/fsnotify", "github.com/yuin/goldmark", "github.com/agext/levenshtein",
			"github.com/hashicorp/hcl-lang", "github.com/sourcegraph/jsonrpc2", "golang.org/x/sys", "golang.org/x/text",
		},
		not: []string{"net/http"}, pure: timeless,
		because: "rules have no state",
	},
	{
		pkg: "dsl/lsp", ours: []string{"dsl"}, outside: []string{"github.com/sourcegraph/jsonrpc2"},
		not: []string{"net/http"}, pure: timeless,
		because: "an editor is told what the language knows, by the shell's clock; it reaches no state and no plugin",
	},
	{
		pkg: "plugins/channel", ours: []string{"plugins/internal/wire", "plugins/internal/wire/channel/v1"},
		outside: []string{"github.com/hashicorp/go-plugin", "google.golang.org/grpc"},
		because: "authors get a small stable import",
	},
	{
		pkg: "plugins/channel/channeltest", ours: []string{"plugins/channel", "plugins/internal/wire", "plugins/internal/wire/channel/v1"},
		outside: []string{"github.com/hashicorp/go-plugin", "google.golang.org/grpc", "google.golang.org/protobuf"},
		because: "the conformance suite speaks the protocol, with no part of the host",
	},
	{
		pkg: "plugins/internal/wire", ours: []string{"plugins/internal/wire/channel/v1"},
		outside: []string{"github.com/hashicorp/go-plugin", "github.com/hashicorp/go-hclog", "google.golang.org/grpc", "google.golang.org/protobuf"},
		because: "glue, seen by channel and host only",
	},
	{
		pkg: "plugins/internal/wire/channel/v1", outside: []string{"google.golang.org/grpc", "google.golang.org/protobuf"},
		because: "generated",
	},
	{
		pkg: "plugins/host", ours: []string{"engine", "plugins/channel", "plugins/internal/wire", "plugins/internal/wire/channel/v1"},
		outside: []string{
			"github.com/hashicorp/go-plugin", "github.com/hashicorp/go-hclog", "google.golang.org/grpc",
			"google.golang.org/protobuf", "golang.org/x/time/rate", "golang.org/x/sys",
		},
		because: "it carries, it does not decide",
	},
	{
		pkg: "plugins/email", ours: []string{"plugins/channel", "plugins/email/inbound"},
		outside: []string{
			"github.com/wneessen/go-mail", "github.com/emersion/go-imap/v2", "github.com/emersion/go-message", "github.com/emersion/go-msgauth",
			"github.com/yuin/goldmark", "golang.org/x/net/idna", "golang.org/x/text",
		},
		because: "an example lives by the author's law",
	},
	{
		pkg: "plugins/internal/outgoing", ours: []string{"plugins/channel"}, outside: []string{"code.dny.dev/ssrf"},
		because: "every request that leaves goes by one guard, and its failures are read in one way",
	},
	{
		pkg: "plugins/internal/dayfile", outside: []string{"golang.org/x/text"}, not: []string{"net"},
		because: "files of a day in which a key stands once; it knows no channel",
	},
	{
		pkg: "plugins/email/inbound", outside: []string{"github.com/emersion/go-message"}, not: []string{"net/http", "os"}, pure: timeless,
		because: "what a mail is that came back follows from its bytes alone",
	},
	{
		pkg: "plugins/webhook", ours: []string{"plugins/channel", "plugins/internal/outgoing"},
		because: "an example lives by the author's law, but for the one guard of what leaves",
	},
	{
		pkg: "plugins/slack", ours: []string{"plugins/channel", "plugins/internal/outgoing"},
		because: "net/http is all that Slack needs",
	},
	{
		pkg: "plugins/line", ours: []string{"plugins/channel", "plugins/internal/outgoing"}, outside: []string{"github.com/line/line-bot-sdk-go"},
		because: "an example lives by the author's law, but for the one guard of what leaves",
	},
	{
		pkg: "plugins/postal", ours: []string{"plugins/channel", "plugins/internal/dayfile"}, outside: []string{"golang.org/x/text"}, not: []string{"net"},
		because: "the printer fetches a file; nothing leaves by the net",
	},
	{
		pkg: "plugins/file", ours: []string{"plugins/channel", "plugins/internal/dayfile"}, not: []string{"net"},
		because: "it writes files; nothing leaves by the net",
	},
	{
		pkg: "plugins/log", ours: []string{"plugins/channel"}, not: []string{"net", "os"},
		because: "it writes a line of the log",
	},
	{
		pkg: "plugins/crm", ours: []string{"plugins/channel"},
		because: "what the channels to sales systems share, by an author's law",
	},
	{
		pkg: "plugins/crm/tryton", ours: []string{"plugins/channel", "plugins/crm"},
		because: "a sales system and nobody else's",
	},
	{
		pkg: "plugins/crm/salesforce", ours: []string{"plugins/channel", "plugins/crm"},
		because: "a sales system and nobody else's",
	},
	{
		pkg: "plugins/crm/hubspot", ours: []string{"plugins/channel", "plugins/crm"},
		because: "a sales system and nobody else's",
	},
	{
		pkg: "plugins/crm/tryton/trytontest", ours: []string{"engine/enginetest"},
		because: "a real Tryton server, for tests only",
	},
	{
		pkg: "plugins/internal/smtptest", outside: []string{"github.com/emersion/go-smtp", "github.com/emersion/go-sasl"},
		because: "a real SMTP server, for tests only",
	},
	{
		pkg: "plugins/scaffold", ours: []string{"plugins/internal/wire", "plugins/internal/wire/channel/v1"},
		outside: []string{"google.golang.org/protobuf"},
		because: "the beginning of a plugin is files, and the protocol in the form that each language reads",
	},
	{
		pkg: "plugins", ours: []string{"plugins/channel", "plugins/crm/hubspot", "plugins/crm/salesforce", "plugins/crm/tryton", "plugins/email", "plugins/file", "plugins/line", "plugins/log", "plugins/postal", "plugins/slack", "plugins/webhook"},
		because: "the list of the built-in channels, each of which runs in a process of its own",
	},
	{
		pkg:     "docs",
		because: "pages and the look of their site are files",
	},
	{
		pkg:     "workflows",
		because: "starter workspaces, embedded; no logic",
	},
	{
		pkg: "cmd/nurture", ours: []string{
			"engine", "engine/kpi", "engine/calendar", "engine/intake", "engine/tracking", "engine/verdict", "engine/sim", "engine/history", "engine/learn",
			"engine/store", "engine/runner", "engine/cluster", "engine/graph", "dsl", "dsl/lsp", "plugins/channel", "plugins/channel/channeltest",
			"plugins/host", "plugins/scaffold", "plugins", "plugins/email", "plugins/webhook", "docs", "workflows", "cmd/nurture/internal/httpd", "cmd/nurture/internal/access", "cmd/nurture/internal/demo", "cmd/nurture/internal/lists", "cmd/nurture/internal/rollout",
		},
		outside: []string{
			"github.com/spf13/cobra", "github.com/spf13/pflag", "charm.land/lipgloss/v2", "github.com/schollz/progressbar/v3",
			"code.dny.dev/ssrf", "github.com/oklog/ulid/v2", "golang.org/x/term", "github.com/yuin/goldmark", "golang.org/x/text", "github.com/prometheus/client_golang",
		},
		because: "wiring lives here, and only here",
	},
	{
		pkg: "cmd/nurture/internal/access", not: []string{"net", "os", "log"},
		because: "who may come in is one text on somebody's shelf; it knows neither HTTP nor the store",
	},
	{
		pkg: "cmd/nurture/internal/lists", ours: []string{"engine/calendar"}, outside: []string{"golang.org/x/text", "github.com/parquet-go/parquet-go"}, not: []string{"net", "os", "log"},
		because: "files of rows are read and written, whoever brings them: it knows neither HTTP nor the store",
	},
	{
		pkg: "cmd/nurture/internal/rollout", ours: []string{"engine"}, not: []string{"net", "os", "log"}, pure: pure,
		because: "what comes next in a rollout follows from its state and the instant; it knows neither who keeps it nor what is rolled out",
	},
	{
		pkg: "cmd/nurture/internal/httpd", ours: []string{
			"cmd/nurture/internal/access", "cmd/nurture/internal/lists", "cmd/nurture/internal/rollout", "dsl", "engine", "engine/kpi", "engine/calendar", "engine/intake", "engine/tracking", "engine/verdict", "engine/history",
			"engine/runner", "engine/store", "engine/graph",
		},
		outside: []string{
			"github.com/danielgtaylor/huma/v2", "github.com/prometheus/client_golang", "github.com/coreos/go-oidc/v3",
			"golang.org/x/text",
		},
		because: "pages send nothing",
	},
	{
		pkg: "cmd/nurture/internal/demo", outside: []string{
			"github.com/emersion/go-smtp", "github.com/emersion/go-sasl", "github.com/emersion/go-message", "golang.org/x/text",
		},
		because: "the world around a server meets it as the outside does: HTTP, SMTP, webhooks",
	},
	{
		pkg: "cmd/nurture/internal/receiver", outside: []string{"github.com/standard-webhooks/standard-webhooks/libraries"},
		because: "the other end of a webhook knows nothing of this one",
	},
	{
		pkg:     "cmd/loadgen",
		because: "an outsider: HTTP only",
	},
}

// TestImportLaw reads the files, because a test that asks `go list` is cached by
// `go test` and would miss what has changed.
func TestImportLaw(t *testing.T) {
	t.Parallel()
	packages, err := parseModule(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(packages["engine"]) == 0 || len(packages["cmd/nurture"]) == 0 {
		t.Fatalf("packages engine and cmd/nurture are not among those found: %v", slices.Sorted(maps.Keys(packages)))
	}
	for _, pkg := range slices.Sorted(maps.Keys(packages)) {
		for _, broken := range judge(pkg, packages[pkg]) {
			t.Error(broken)
		}
	}
}

// source is a parsed file of a package.
type source struct {
	fset *token.FileSet
	name string // below the module's folder
	file *ast.File
}

// parseModule gives the files of each package, tests left out. Folders with a
// go.mod of their own are other modules.
func parseModule(root string) (map[string][]source, error) {
	packages := map[string][]source{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || hasModule(name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		s := source{fset: token.NewFileSet(), name: rel}
		if s.file, err = parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution); err != nil {
			return err
		}
		pkg := strings.TrimPrefix(path.Dir(rel), ".")
		packages[pkg] = append(packages[pkg], s)
		return nil
	})
	return packages, err
}

func hasModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// judge gives a sentence for everything in the package that is against the law.
func judge(pkg string, files []source) []string {
	i := slices.IndexFunc(laws, func(l law) bool { return l.pkg == pkg })
	if i < 0 {
		return []string{fmt.Sprintf("package %s has no row in the law; a new package starts with its row", pkg)}
	}
	l := laws[i]
	var broken []string
	for _, s := range files {
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil || l.allows(imported) {
				continue
			}
			broken = append(broken, fmt.Sprintf("%s:%d: %s must not import %s, because %s",
				s.name, s.fset.Position(spec.Pos()).Line, l.pkg, imported, l.because))
		}
		broken = append(broken, l.impurities(s)...)
	}
	return broken
}

func (l law) allows(imported string) bool {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		return slices.Contains(l.ours, own)
	}
	if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") {
		return under(imported, l.outside)
	}
	if l.pure != impure && under(imported, []string{"math/rand", "crypto/rand"}) {
		return false
	}
	return !under(imported, l.not)
}

// under reports whether the path is one of the roots or below one.
func under(imported string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return imported == root || strings.HasPrefix(imported, root+"/")
	})
}

// What reads the clock, and what waits for it.
var (
	clocks = []string{"Now", "Since", "Until"}
	waits  = []string{"Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
)

// impurities finds calls that the package's purity rules out.
func (l law) impurities(s source) []string {
	if l.pure == impure {
		return nil
	}
	clock := importName(s.file, "time")
	var broken []string
	say := func(at token.Pos, what string) {
		broken = append(broken, fmt.Sprintf("%s:%d: %s must not %s, because %s",
			s.name, s.fset.Position(at).Line, l.pkg, what, l.because))
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if !ok || clock == "" || pkg.Name != clock {
				return true
			}
			if slices.Contains(clocks, n.Sel.Name) || (l.pure == pure && slices.Contains(waits, n.Sel.Name)) {
				say(n.Pos(), "use time."+n.Sel.Name)
			}
		case *ast.GoStmt:
			if l.pure == pure {
				say(n.Pos(), "start a goroutine")
			}
		}
		return true
	})
	return broken
}

// importName is the name under which the file knows a package, "" where it does
// not import it.
func importName(f *ast.File, imported string) string {
	for _, spec := range f.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

// Every row has a reason, no package has two rows, and what rows name has a row.
func TestLawHoldsTogether(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, l := range laws {
		if rows[l.pkg] {
			t.Errorf("%s has two rows", l.pkg)
		}
		rows[l.pkg] = true
		if l.because == "" {
			t.Errorf("%s has no reason", l.pkg)
		}
	}
	for _, l := range laws {
		for _, own := range l.ours {
			if !rows[own] {
				t.Errorf("%s may import %s, which has no row", l.pkg, own)
			}
		}
	}
}

// The law can be broken: each of these lines is.
func TestLawNoticesViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, file, want string
	}{
		{"engine", `import _ "github.com/dgraph-io/badger/v4"`, "must not import github.com/dgraph-io/badger/v4"},
		{"engine", `import _ "os/exec"`, "must not import os/exec"},
		{"engine", `import _ "math/rand/v2"`, "must not import math/rand/v2"},
		{"engine", `import _ "` + module + `/dsl"`, "must not import " + module + "/dsl"},
		{"engine", "import \"time\"\nvar _ = time.Now", "must not use time.Now"},
		{"engine", "import clock \"time\"\nvar _ = clock.Since", "must not use time.Since"},
		{"engine", "import \"time\"\nvar _ = time.After", "must not use time.After"},
		{"engine", "func f() { go f() }", "must not start a goroutine"},
		{"dsl", "import \"time\"\nvar _ = time.Now", "must not use time.Now"},
		{"dsl", `import _ "crypto/rand"`, "must not import crypto/rand"},
		{"engine/sim", `import _ "` + module + `/engine/runner"`, "must not import " + module + "/engine/runner"},
		{"engine/store", `import _ "github.com/hashicorp/hcl/v2/hclsyntax"`, "must not import github.com/hashicorp/hcl/v2"},
		{"engine/runner", `import _ "net/http"`, "must not import net/http"},
		{"plugins/webhook", `import _ "` + module + `/engine"`, "must not import " + module + "/engine"},
		{"plugins/host", `import _ "` + module + `/engine/store"`, "must not import " + module + "/engine/store"},
		{"cmd/nurture/internal/httpd", `import _ "` + module + `/plugins/host"`, "must not import " + module + "/plugins/host"},
		{"cmd/loadgen", `import _ "` + module + `/engine"`, "must not import " + module + "/engine"},
		{"util", ``, "has no row"},
		{"engine", "import \"time\"\nvar _ = time.UTC", ""},
		{"dsl", "import \"time\"\nvar _ = time.NewTimer\nfunc f() { go f() }", ""},
		{"engine/runner", "import \"time\"\nvar _ = time.Now\nfunc f() { go f() }", ""},
		{"engine/store", `import _ "github.com/dgraph-io/badger/v4/options"`, ""},
	} {
		got := strings.Join(judge(c.pkg, []source{parse(t, c.file)}), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s with %q: got %q, want %q", c.pkg, c.file, got, c.want)
		}
	}
}

func parse(t *testing.T, text string) source {
	t.Helper()
	s := source{fset: token.NewFileSet(), name: "x.go"}
	var err error
	if s.file, err = parser.ParseFile(s.fset, s.name, "package x\n"+text, parser.SkipObjectResolution); err != nil {
		t.Fatal(err)
	}
	return s
}
