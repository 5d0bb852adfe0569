package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// folderFlag lets a verb work on the state folder of a server that does not run: the
// same calls are answered by the same code, in this process.
func folderFlag(verb *cobra.Command, cl *client) *string {
	data := verb.PersistentFlags().String("data", "", "state folder of a server that does not run, instead of asking one")
	verb.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		if root := cmd.Root(); root.PersistentPreRunE != nil {
			if err := root.PersistentPreRunE(cmd, args); err != nil {
				return err
			}
		}
		cl.folder = *data
		return nil
	}
	return data
}

// within lets do ask the server, or the folder of one that does not run: it is taken
// up under the last good rules, nothing is sent and nobody wakes, and it is given
// back afterwards.
func (cl *client) within(ctx context.Context, do func() error) (err error) {
	if cl.folder == "" {
		return do()
	}
	st, err := openState(cl.folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	w, p, canary, err := inForce(st)
	if err != nil {
		return err
	}
	if w == nil {
		return fmt.Errorf("open the state: %s has no rules yet; start a server on it once", cl.folder)
	}
	r, err := runner.New(runner.Options{Store: st, Program: p, Canary: canary, Sources: w.Sources, Sender: nobody{}, Still: true, Past: programsOf(st)})
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Stop(context.WithoutCancel(ctx))) }()
	var in inlets
	in.set(w.Intakes)
	s, err := httpd.New(httpd.Options{
		Door: r, Desk: httpd.DeskOf(r), People: st, Ledger: st, Register: st, Eraser: r, Identities: r, Corrector: r, Inlets: &in, Audit: folderLog{st}, ProgramAt: programsOf(st),
		Loopback: true, Version: version(),
	})
	if err != nil {
		return err
	}
	s.Ready()
	cl.server, cl.key = "http://localhost", ""
	cl.http.Transport = handlerTransport{s.Handler()}
	return do()
}

// folderLog is the audit log of a folder: it says that no server was asked, and takes
// nothing old away, because how long entries are kept is what the server is told.
type folderLog struct{ *store.Store }

// BeginAudit implements httpd.AuditLog.
func (l folderLog) BeginAudit(e store.AuditEntry, _ engine.Time) (uint64, error) {
	e.Via = "folder"
	return l.Store.BeginAudit(e, 0)
}

// EndAudit implements httpd.AuditLog.
func (l folderLog) EndAudit(e store.AuditEntry) error {
	e.Via = "folder"
	return l.Store.EndAudit(e)
}

// nobody is the way out of a server that sends nothing.
type nobody struct{}

// Send implements runner.Sender.
func (nobody) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	for i := range requests {
		q := &requests[i]
		report(engine.Receipt{Key: q.Key, Lead: q.Lead, Attempt: q.Attempt, Outcome: engine.Retry, Code: "not_serving"})
	}
	return nil
}

// handlerTransport carries calls to a handler in this process.
type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	read, write := io.Pipe()
	a := &handlerAnswer{header: http.Header{}, body: write, begun: make(chan struct{})}
	own := r.Clone(r.Context())
	own.RemoteAddr, own.Host, own.RequestURI = "127.0.0.1:0", "localhost", r.URL.RequestURI()
	if own.Body == nil {
		own.Body = http.NoBody
	}
	go func() {
		defer func() {
			if p := recover(); p != nil {
				a.WriteHeader(http.StatusInternalServerError)
				_ = write.CloseWithError(io.ErrUnexpectedEOF)
				return
			}
			a.WriteHeader(http.StatusOK)
			_ = write.Close()
		}()
		t.handler.ServeHTTP(a, own)
	}()
	<-a.begun
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Header: a.sent, Body: read, ContentLength: -1, Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// handlerAnswer is what a handler answers, on its way to whoever asked.
type handlerAnswer struct {
	header http.Header
	sent   http.Header
	status int
	body   *io.PipeWriter
	begun  chan struct{}
}

// Header implements http.ResponseWriter.
func (a *handlerAnswer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *handlerAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	}
}

// Write implements http.ResponseWriter.
func (a *handlerAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}
