package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/seed-456efde2/nurture/dsl"
)

// Options of Serve. The zero value but After works.
type Options struct {
	// After gives a channel that delivers once, after the time: the shell's clock.
	// Required.
	After func(time.Duration) <-chan time.Time
	// Quiet is how long nobody may type before the workspace is looked at again.
	// Default 150 ms.
	Quiet time.Duration
	// Catalog describes the plugins. Default: the built-in ones, and those that a
	// workspace's lock file describes.
	Catalog dsl.Catalog
	// Lookup finds the values of env("…") and secret("…"). Default: none is set.
	Lookup func(name string) (string, bool)
	// Language of everything that is said, "ja" or "en". Default: the project's,
	// else the editor's.
	Language string
	// Version is what the editor is told. Default: none.
	Version string
	// Log takes what went wrong in the server itself. Default: nowhere.
	Log *slog.Logger
}

const defaultQuiet = 150 * time.Millisecond

// Serve speaks with one editor until it leaves. It returns nil where the editor
// said so before, as the protocol asks.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	if o.After == nil {
		return errors.New("serve an editor: no clock was given")
	}
	if o.Quiet <= 0 {
		o.Quiet = defaultQuiet
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &session{
		o: o, ctx: ctx, stop: stop, enc: utf16Units,
		docs: map[string]*document{}, spaces: map[string]*space{}, running: map[jsonrpc2.ID]context.CancelFunc{},
		room: make(chan struct{}, maxAtOnce), connected: make(chan struct{}),
	}
	stream := jsonrpc2.NewBufferedStream(pipe{in, out}, jsonrpc2.VSCodeObjectCodec{})
	s.conn = jsonrpc2.NewConn(ctx, stream, s)
	close(s.connected)
	select {
	case <-s.conn.DisconnectNotify():
	case <-ctx.Done():
	}
	stop()
	_ = s.conn.Close()
	if !s.leaveWork() {
		return errors.New("serve an editor: it went away without shutting the server down")
	}
	return nil
}

// leaveWork waits for all that is done aside, and lets nothing more begin. It
// reports whether the editor said that it was leaving.
func (s *session) leaveWork() bool {
	s.mu.Lock()
	s.gone = true
	said := s.shutdown
	s.mu.Unlock()
	s.work.Wait()
	return said
}

// begin does something aside. The session's mutex is held.
func (s *session) begin(do func()) {
	if !s.gone {
		s.work.Go(do)
	}
}

// pipe is a pair of streams as one. Whoever opened them closes them.
type pipe struct {
	io.Reader
	io.Writer
}

// Close does nothing: standard input cannot be taken back from a reader.
func (pipe) Close() error { return nil }

// maxAtOnce bounds the requests that are worked on together.
const maxAtOnce = 4

// session is the conversation with one editor. Messages are taken one by one, in
// order, by Handle; what takes time is done aside, on a snapshot of that moment.
type session struct {
	o    Options
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup // everything that is done aside
	room chan struct{}

	conn      *jsonrpc2.Conn
	connected chan struct{} // closed when conn is set: messages may come before

	enc    encoding
	client initializeParams

	mu       sync.Mutex // guards what follows
	shutdown bool
	gone     bool                 // nothing more is begun
	docs     map[string]*document // open in the editor, by path
	spaces   map[string]*space    // by folder
	running  map[jsonrpc2.ID]context.CancelFunc
}

// document is a text that is open in the editor. It is replaced, never changed.
type document struct {
	uri     string
	path    string
	version int
	text    *text
	space   string // folder of its workspace
	guessed bool   // no project was found above it
}

// Handle implements jsonrpc2.Handler.
func (s *session) Handle(_ context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	<-s.connected
	if req.Notif {
		s.notified(req)
		return
	}
	switch req.Method {
	case "initialize":
		s.reply(req.ID, s.initialize(req), nil)
		return
	case "shutdown":
		s.mu.Lock()
		s.shutdown = true
		s.mu.Unlock()
		s.reply(req.ID, nil, nil)
		return
	}
	answer := answers[req.Method]
	if answer == nil {
		s.reply(req.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "this server has no method " + req.Method})
		return
	}
	var p placeParams
	if err := decode(req, &p); err != nil {
		s.reply(req.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()})
		return
	}
	s.aside(req, answer, p)
}

func decode(req *jsonrpc2.Request, into any) error {
	if req.Params == nil {
		return nil
	}
	return json.Unmarshal(*req.Params, into)
}

// aside answers a request while the next messages are taken.
func (s *session) aside(req *jsonrpc2.Request, answer answerFunc, p placeParams) {
	q := s.question(p)
	ctx, cancel := context.WithCancel(s.ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[req.ID] = cancel
	s.begin(func() {
		defer func() {
			cancel()
			s.mu.Lock()
			delete(s.running, req.ID)
			s.mu.Unlock()
		}()
		select {
		case s.room <- struct{}{}:
			defer func() { <-s.room }()
		case <-ctx.Done():
		}
		result, err := s.guarded(ctx, req.Method, q, answer)
		s.reply(req.ID, result, err)
	})
}

// requestCancelled is the protocol's code for a request that nobody waits for.
const requestCancelled = -32800

// requestFailed is its code for one that cannot be done, with a sentence for the
// person who asked.
const requestFailed = -32803

// guarded keeps a fault in one answer from taking the editor's server away.
func (s *session) guarded(ctx context.Context, method string, q *question, answer answerFunc) (result any, fail *jsonrpc2.Error) {
	defer func() {
		if r := recover(); r != nil {
			s.o.Log.Error("a request could not be answered", "method", method, "fault", fmt.Sprint(r))
			result, fail = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: "this is a fault of the language server: " + fmt.Sprint(r)}
		}
	}()
	if ctx.Err() != nil {
		return nil, &jsonrpc2.Error{Code: requestCancelled, Message: "cancelled"}
	}
	result, err := answer(ctx, s, q)
	switch {
	case ctx.Err() != nil:
		return nil, &jsonrpc2.Error{Code: requestCancelled, Message: "cancelled"}
	case err != nil:
		return nil, &jsonrpc2.Error{Code: requestFailed, Message: err.Error()}
	}
	return result, nil
}

func (s *session) reply(id jsonrpc2.ID, result any, fail *jsonrpc2.Error) {
	var err error
	if fail != nil {
		err = s.conn.ReplyWithError(s.ctx, id, fail)
	} else {
		err = s.conn.Reply(s.ctx, id, result)
	}
	if err != nil && s.ctx.Err() == nil {
		s.o.Log.Warn("an answer did not reach the editor", "error", err)
	}
}

func (s *session) initialize(req *jsonrpc2.Request) any {
	var p initializeParams
	if err := decode(req, &p); err != nil {
		s.o.Log.Warn("the editor's greeting cannot be read", "error", err)
	}
	s.client = p
	s.enc = chosen(p.Capabilities.General.PositionEncodings)
	return map[string]any{
		"capabilities": capabilities(string(s.enc)),
		"serverInfo":   map[string]any{"name": "nurture", "version": s.o.Version},
	}
}

// notified takes a message that needs no answer.
func (s *session) notified(req *jsonrpc2.Request) {
	var err error
	switch req.Method {
	case "initialized":
		s.watchFiles()
	case "exit":
		s.stop()
	case "textDocument/didOpen":
		var p openParams
		if err = decode(req, &p); err == nil {
			s.opened(p)
		}
	case "textDocument/didChange":
		var p changeParams
		if err = decode(req, &p); err == nil {
			s.changed(p)
		}
	case "textDocument/didClose":
		var p placeParams
		if err = decode(req, &p); err == nil {
			s.closed(p.TextDocument.URI)
		}
	case "workspace/didChangeWatchedFiles":
		var p watchedParams
		if err = decode(req, &p); err == nil {
			s.filesChanged(p)
		}
	case "$/cancelRequest":
		var p cancelParams
		if err = decode(req, &p); err == nil {
			s.cancelled(p)
		}
	}
	if err != nil {
		s.o.Log.Warn("a message of the editor cannot be read", "method", req.Method, "error", err)
	}
}

// watchFiles asks the editor to tell of files that change on the disk.
func (s *session) watchFiles() {
	if !s.client.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(func() {
		err := s.conn.Call(s.ctx, "client/registerCapability", map[string]any{"registrations": []any{map[string]any{
			"id": "nurture-files", "method": "workspace/didChangeWatchedFiles",
			"registerOptions": map[string]any{"watchers": []any{
				map[string]any{"globPattern": "**/*.hcl"}, map[string]any{"globPattern": "**/templates/**"},
			}},
		}}}, nil)
		if err != nil && s.ctx.Err() == nil {
			s.o.Log.Warn("the editor does not tell of changed files", "error", err)
		}
	})
}

func (s *session) opened(p openParams) {
	file, ok := pathOf(p.TextDocument.URI)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &document{uri: p.TextDocument.URI, path: file, version: p.TextDocument.Version, text: newText([]byte(p.TextDocument.Text), s.enc)}
	s.docs = maps.Clone(s.docs)
	s.docs[file] = d
	d.space, d.guessed = rootOf(file, s.docs)
	s.touch(d.space, d.guessed, 0)
}

func (s *session) changed(p changeParams) {
	file, _ := pathOf(p.TextDocument.URI)
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.docs[file]
	if before == nil {
		return
	}
	d := *before
	d.version = p.TextDocument.Version
	for _, c := range p.ContentChanges {
		d.text = d.text.changed(c)
	}
	s.docs = maps.Clone(s.docs)
	s.docs[file] = &d
	if d.guessed {
		s.moveHome(&d)
	}
	s.touch(d.space, d.guessed, s.o.Quiet)
}

// moveHome looks once more for the project of a document that had none: it may
// just have been written.
func (s *session) moveHome(d *document) {
	root, guessed := rootOf(d.path, s.docs)
	if guessed {
		return
	}
	old := d.space
	d.space, d.guessed = root, false
	s.leave(old)
}

func (s *session) closed(uri string) {
	file, _ := pathOf(uri)
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.docs[file]
	if d == nil {
		return
	}
	s.docs = maps.Clone(s.docs)
	delete(s.docs, file)
	if !s.leave(d.space) {
		s.touch(d.space, d.guessed, s.o.Quiet)
	}
}

// leave forgets a workspace of which nothing is open, and takes back what was
// said about it.
func (s *session) leave(folder string) bool {
	for _, d := range s.docs {
		if d.space == folder {
			return false
		}
	}
	if sp := s.spaces[folder]; sp != nil {
		sp.cancel()
		delete(s.spaces, folder)
		s.begin(func() { sp.takeBack(s) })
	}
	return true
}

func (s *session) filesChanged(p watchedParams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for folder, sp := range s.spaces {
		for _, c := range p.Changes {
			file, ok := pathOf(c.URI)
			if ok && strings.HasPrefix(file, folder) && s.docs[file] == nil {
				s.touch(folder, sp.guessed, s.o.Quiet)
				break
			}
		}
	}
}

func (s *session) cancelled(p cancelParams) {
	var id jsonrpc2.ID
	if err := id.UnmarshalJSON(p.ID); err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel()
	}
}
