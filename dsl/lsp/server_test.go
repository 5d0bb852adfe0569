package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// editor is a client in the test's own process. Its clock stands still: a pause
// ends when the test says so.
type editor struct {
	t    *testing.T
	dir  string
	conn *jsonrpc2.Conn
	done chan error

	mu      sync.Mutex
	pauses  []chan time.Time
	paused  chan struct{} // one value for each pause that begins
	reports chan publishParams
	version int
}

// rules is the workspace of these tests.
var rules = map[string]string{
	"project.hcl": "project \"x\" {\n  timezone = \"Asia/Tokyo\"\n  language = \"en\"\n}\n\nlead {\n  text \"email\" { required = true }\n  text \"company\" {}\n}\n",
	"scores.hcl":  "score \"interest\" {\n  half_life = \"14d\"\n\n  rule \"viewed\" {\n    on     = event.page_viewed\n    points = 5\n  }\n}\n",
	"rules.hcl":   "segment \"hot\" {\n  when = \"score.interest >= 70\"\n}\n",
}

func newEditor(t *testing.T, files map[string]string, capabilities map[string]any) *editor {
	t.Helper()
	e := &editor{t: t, dir: t.TempDir(), done: make(chan error, 1), paused: make(chan struct{}, 1000), reports: make(chan publishParams, 10000)}
	for name, text := range files {
		e.write(name, text)
	}
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	go func() {
		e.done <- Serve(context.Background(), toServer, fromServer, Options{After: e.after, Version: "1"})
		fromServer.Close()
	}()
	e.conn = jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(struct {
		io.Reader
		io.Writer
		io.Closer
	}{toClient, fromClient, fromClient}, jsonrpc2.VSCodeObjectCodec{}), jsonrpc2.HandlerWithError(e.told))
	var hello map[string]any
	e.call("initialize", map[string]any{"capabilities": capabilities, "locale": "en"}, &hello)
	e.notify("initialized", map[string]any{})
	return e
}

// told takes what the server says by itself.
func (e *editor) told(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
	if req.Method == "textDocument/publishDiagnostics" {
		var p publishParams
		if err := json.Unmarshal(*req.Params, &p); err != nil {
			return nil, err
		}
		e.reports <- p
	}
	return nil, nil
}

func (e *editor) after(time.Duration) <-chan time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	pause := make(chan time.Time, 1)
	e.pauses = append(e.pauses, pause)
	e.paused <- struct{}{}
	return pause
}

// rest waits for so many pauses to begin and lets them end.
func (e *editor) rest(begun int) {
	e.t.Helper()
	for range begun {
		select {
		case <-e.paused:
		case <-e.t.Context().Done():
			e.t.Fatal("no pause began")
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.pauses {
		p <- time.Time{}
	}
	e.pauses = nil
}

func (e *editor) path(name string) string { return filepath.Join(e.dir, filepath.FromSlash(name)) }

func (e *editor) uri(name string) string { return uriOf(e.path(name)) }

func (e *editor) write(name, text string) {
	e.t.Helper()
	if err := os.MkdirAll(filepath.Dir(e.path(name)), 0o700); err != nil {
		e.t.Fatal(err)
	}
	if err := os.WriteFile(e.path(name), []byte(text), 0o600); err != nil {
		e.t.Fatal(err)
	}
}

func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	if err := e.conn.Call(e.t.Context(), method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(e.t.Context(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) open(name, text string) {
	e.t.Helper()
	e.version++
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": e.uri(name), "languageId": "nurture", "version": e.version, "text": text,
	}})
}

func (e *editor) change(name, text string) {
	e.t.Helper()
	e.version++
	e.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": e.uri(name), "version": e.version},
		"contentChanges": []any{map[string]any{"text": text}},
	})
}

func (e *editor) closeFile(name string) {
	e.t.Helper()
	e.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": e.uri(name)}})
}

// leave ends the talk as the protocol asks, and the server with it.
func (e *editor) leave() {
	e.t.Helper()
	e.call("shutdown", nil, nil)
	e.notify("exit", nil)
	if err := <-e.done; err != nil {
		e.t.Errorf("the server ended with %v", err)
	}
}

// report waits for the next report about a file.
func (e *editor) report(name string) publishParams {
	e.t.Helper()
	for {
		select {
		case p := <-e.reports:
			if p.URI == e.uri(name) {
				return p
			}
		case <-e.t.Context().Done():
			e.t.Fatalf("no report about %s", name)
		}
	}
}

func codes(p publishParams) []string {
	var out []string
	for _, d := range p.Diagnostics {
		out = append(out, d.Code)
	}
	return out
}

func (e *editor) expect(name string, want ...string) publishParams {
	e.t.Helper()
	p := e.report(name)
	if got := codes(p); !slices.Equal(got, want) {
		e.t.Errorf("%s has %v, want %v: %+v", name, got, want, p.Diagnostics)
	}
	return p
}

// TestDiagnosticsWhileTyping: problems come after a pause, from what is not saved,
// in every file that has some, and go with their cause.
func TestDiagnosticsWhileTyping(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, nil)
	e.open("scores.hcl", rules["scores.hcl"])
	e.expect("scores.hcl")

	// The score is called something else now; who uses it is in another file,
	// which is not open.
	e.change("scores.hcl", strings.ReplaceAll(rules["scores.hcl"], "interest", "熱"))
	e.change("scores.hcl", strings.ReplaceAll(rules["scores.hcl"], "interest", "熱量"))
	select {
	case p := <-e.reports:
		t.Errorf("before the pause was over came %+v", p)
	default:
	}
	e.rest(2)
	p := e.expect("rules.hcl", "N021")
	if d := p.Diagnostics[0]; d.Range != (lspRange{position{1, 16}, position{1, 24}}) || d.Severity != severityError || p.Version != nil {
		t.Errorf("the problem is %+v", p)
	}

	e.open("rules.hcl", "segment \"hot\" {\n  when = \"score.熱量 >= 70\"\n}\n")
	if p := e.expect("rules.hcl"); p.Version == nil {
		t.Errorf("the report names no version: %+v", p)
	}
	e.closeFile("rules.hcl") // as it is on the disk, it is wrong
	e.rest(1)
	e.expect("rules.hcl", "N021")
	e.closeFile("scores.hcl")
	e.expect("rules.hcl") // nobody looks any more
	e.leave()
}

// TestNewFile: a file that only the editor has belongs to the workspace, in a
// folder that is not there.
func TestNewFile(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, nil)
	e.open("more/deep/new.hcl", "segment \"hot\" {\n  when = \"score.interest >= 1\"\n}\n")
	p := e.report("more/deep/new.hcl")
	q := e.report("rules.hcl")
	if got := append(codes(p), codes(q)...); !slices.Equal(got, []string{"N017"}) {
		t.Errorf("a name that is used twice: %v", got)
	}
	all := append(p.Diagnostics, q.Diagnostics...)
	if len(all) == 1 && (len(all[0].RelatedInformation) != 1 || all[0].RelatedInformation[0].Location.URI == "") {
		t.Errorf("the other place is missing: %+v", all[0])
	}
	e.leave()
}

// TestNoProject: a folder without a project is somebody else's, until it holds a
// block of ours.
func TestNoProject(t *testing.T) {
	t.Parallel()
	e := newEditor(t, map[string]string{".terraform.lock.hcl": "provider \"x\" {}\n"}, nil)
	e.open("main.hcl", "resource \"a\" \"b\" {\n  count = 1\n}\n")
	e.expect("main.hcl")
	e.change("main.hcl", "segment \"a\" {\n  when = \"now > now\"\n}\n")
	e.rest(1)
	if got := codes(e.report("main.hcl")); !slices.Contains(got, "N013") {
		t.Errorf("the missing project is not told of: %v", got)
	}
	e.leave()
}

// TestFilesOnDisk: what another program writes is noticed when the editor says so.
func TestFilesOnDisk(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, nil)
	e.open("rules.hcl", rules["rules.hcl"])
	e.expect("rules.hcl")
	e.write("scores.hcl", strings.ReplaceAll(rules["scores.hcl"], "interest", "heat"))
	e.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": e.uri("scores.hcl"), "type": 2}}})
	e.rest(1)
	e.expect("rules.hcl", "N021")
	e.leave()
}

// TestCompletionDoesNotWait: while somebody types, what was found out last serves.
func TestCompletionDoesNotWait(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, map[string]any{"textDocument": map[string]any{"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true}}}})
	e.open("rules.hcl", rules["rules.hcl"])
	e.expect("rules.hcl")
	e.change("rules.hcl", "segment \"hot\" {\n  when = \"score.\n")
	var list completionList
	e.call("textDocument/completion", e.at("rules.hcl", 1, 16), &list)
	if len(list.Items) != 1 || list.Items[0].Label != "score.interest" || list.Items[0].TextEdit.Range != (lspRange{position{1, 10}, position{1, 16}}) {
		t.Errorf("offered is %+v", list.Items)
	}
	e.change("rules.hcl", "seg")
	e.call("textDocument/completion", e.at("rules.hcl", 0, 3), &list)
	i := slices.IndexFunc(list.Items, func(c completionItem) bool { return c.Label == "segment" })
	if i < 0 || list.Items[i].InsertTextFormat != 2 || !strings.Contains(list.Items[i].TextEdit.NewText, "${1:target_account}") {
		t.Errorf("offered is %+v", list.Items)
	}
	e.leave()
}

func (e *editor) at(name string, line, character int) map[string]any {
	return map[string]any{
		"textDocument": map[string]any{"uri": e.uri(name)},
		"position":     position{line, character},
		"context":      map[string]any{},
	}
}

// TestRename: edits for every file, in the form that the editor takes; a refusal
// is a sentence, not a fault.
func TestRename(t *testing.T) {
	t.Parallel()
	for _, versioned := range []bool{true, false} {
		t.Run(fmt.Sprint(versioned), func(t *testing.T) {
			t.Parallel()
			e := newEditor(t, rules, map[string]any{"workspace": map[string]any{"workspaceEdit": map[string]any{"documentChanges": versioned}}})
			e.open("rules.hcl", rules["rules.hcl"])
			params := e.at("rules.hcl", 1, 18)
			params["newName"] = "heat"
			var edit workspaceEdit
			e.call("textDocument/rename", params, &edit)
			files := map[string]int{}
			for uri, edits := range edit.Changes {
				files[uri] = len(edits)
			}
			for _, d := range edit.DocumentChanges {
				files[d.TextDocument.URI] = len(d.Edits)
				if open := d.TextDocument.Version != nil; open != (d.TextDocument.URI == e.uri("rules.hcl")) {
					t.Errorf("the version of %s is %v", d.TextDocument.URI, d.TextDocument.Version)
				}
			}
			if len(files) != 2 || files[e.uri("rules.hcl")] != 1 || files[e.uri("scores.hcl")] != 1 {
				t.Errorf("the edits are %+v", edit)
			}
			params["newName"] = "no-name"
			err := e.conn.Call(t.Context(), "textDocument/rename", params, &edit)
			if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != requestFailed || !strings.Contains(rpc.Message, "cannot be a name") {
				t.Errorf("a wrong name gives %v", err)
			}
			e.leave()
		})
	}
}

// TestOtherRequests: each answers, in the form that the protocol has.
func TestOtherRequests(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, map[string]any{"textDocument": map[string]any{"documentSymbol": map[string]any{"hierarchicalDocumentSymbolSupport": true}}})
	text := "segment \"hot\" {\nwhen = \"score.interest ＞＝ 70 and score.intrest<round(1)\"\n}\n"
	e.open("rules.hcl", text)

	var actions []codeAction
	params := e.at("rules.hcl", 1, 0)
	params["range"] = lspRange{position{1, 0}, position{1, 60}}
	e.call("textDocument/codeAction", params, &actions)
	var kinds []string
	for _, a := range actions {
		kinds = append(kinds, a.Kind)
	}
	if !slices.Equal(kinds, []string{quickFix, fixAll}) || actions[0].Edit.Changes[e.uri("rules.hcl")][0] != (textEdit{lspRange{position{1, 23}, position{1, 25}}, ">="}) {
		t.Errorf("the actions are %+v", actions)
	}

	e.change("rules.hcl", strings.ReplaceAll(strings.ReplaceAll(text, "＞＝", ">="), "intrest", "interest"))
	var edits []textEdit
	e.call("textDocument/formatting", e.at("rules.hcl", 0, 0), &edits)
	if len(edits) != 1 || edits[0].NewText != "  when = \"score.interest >= 70 and score.interest < round(1)\"\n" || edits[0].Range.Start.Line != 1 {
		t.Errorf("formatting gives %+v", edits)
	}

	var symbols []documentSymbol
	e.call("textDocument/documentSymbol", e.at("rules.hcl", 0, 0), &symbols)
	if len(symbols) != 1 || symbols[0].Name != "segment hot" {
		t.Errorf("the symbols are %+v", symbols)
	}
	var found []symbolInformation
	e.call("workspace/symbol", map[string]any{"query": "intr"}, &found)
	if len(found) != 1 || found[0].Name != "interest" || found[0].Location.URI != e.uri("scores.hcl") {
		t.Errorf("found is %+v", found)
	}
	var help signatureHelp
	e.call("textDocument/signatureHelp", e.at("rules.hcl", 1, 54), &help)
	if len(help.Signatures) != 1 || len(help.Signatures[0].Parameters) != 2 {
		t.Errorf("the signature is %+v", help)
	}
	var same []documentHighlight
	e.call("textDocument/documentHighlight", e.at("rules.hcl", 1, 17), &same)
	if len(same) != 2 {
		t.Errorf("highlighted is %+v", same)
	}
	var nothing any
	e.call("textDocument/hover", e.at("not_open.hcl", 0, 0), &nothing)
	if nothing != nil {
		t.Errorf("about a file that is not open it says %v", nothing)
	}
	err := e.conn.Call(t.Context(), "textDocument/moonPhase", nil, nil)
	if rpc, ok := err.(*jsonrpc2.Error); !ok || rpc.Code != jsonrpc2.CodeMethodNotFound {
		t.Errorf("an unknown method gives %v", err)
	}
	e.leave()
}

// TestGoneWithoutAWord: an editor that goes away without shutting down is an error.
func TestGoneWithoutAWord(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, nil)
	e.open("rules.hcl", rules["rules.hcl"])
	if err := e.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-e.done; err == nil {
		t.Error("the server ended as if all were well")
	}
}

// TestNothingIsWritten: whatever is asked, the folder stays as it is.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	e := newEditor(t, rules, nil)
	e.storm(40, 3)
	for name, text := range rules {
		if b, err := os.ReadFile(e.path(name)); err != nil || string(b) != text {
			t.Errorf("%s is %q, %v", name, b, err)
		}
	}
	entries, err := os.ReadDir(e.dir)
	if err != nil || len(entries) != len(rules) {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	e.leave()
}

// storm types at random and asks everything in between; no answer may be a fault
// of the server.
func (e *editor) storm(rounds int, seed uint64) {
	e.t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	text := newText([]byte(rules["rules.hcl"]), utf16Units)
	e.open("rules.hcl", string(text.src))
	typed := []string{"\"", "{", "}", "{{", "score.", "lead.", "🍣", "部長", "\n", "\r\n", "＞＝", "'", "did('", "segment \"a\" {\n", ""}
	for range rounds {
		start := position{r.IntN(len(text.lines) + 1), r.IntN(40)}
		end := position{start.Line + r.IntN(2), r.IntN(40)}
		c := contentChange{Range: &lspRange{start, end}, Text: typed[r.IntN(len(typed))]}
		text = text.changed(c)
		e.version++
		e.notify("textDocument/didChange", changeParams{
			TextDocument: struct {
				URI     string `json:"uri"`
				Version int    `json:"version"`
			}{e.uri("rules.hcl"), e.version},
			ContentChanges: []contentChange{c},
		})
		for method := range answers {
			params := e.at("rules.hcl", r.IntN(len(text.lines)+1), r.IntN(60))
			params["newName"], params["query"] = "x", "h"
			params["range"] = lspRange{start, end}
			err := e.conn.Call(e.t.Context(), method, params, nil)
			if rpc, ok := err.(*jsonrpc2.Error); err != nil && (!ok || rpc.Code != requestFailed) {
				e.t.Fatalf("seed %d, %s: %v\n%q", seed, method, err, text.src)
			}
		}
	}
	var symbols any
	e.call("textDocument/documentSymbol", e.at("rules.hcl", 0, 0), &symbols)
	var edits []textEdit
	e.call("textDocument/formatting", e.at("rules.hcl", 0, 0), &edits)
}

// TestStorm is the same with several seeds.
func TestStorm(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			e := newEditor(t, rules, nil)
			e.storm(30, seed)
			e.leave()
		})
	}
}
