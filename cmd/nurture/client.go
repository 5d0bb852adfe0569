package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// defaultServer is where serve and dev listen when they are not told otherwise.
const defaultServer = "http://127.0.0.1:8383"

// client speaks to a running server for the verbs that ask one.
type client struct {
	server string
	key    string
	folder string // of a server that does not run: see within
	http   http.Client
	lang   func() string // of what the server says

	zone *time.Location       // of the project, once an answer has named it
	tell func(*time.Location) // who else wants to know
}

// serverFlags adds what a verb needs to find a server.
func (c *cli) serverFlags(verb *cobra.Command) *client {
	cl := &client{http: http.Client{Timeout: time.Minute}, tell: func(zone *time.Location) { c.zone = zone }}
	cl.lang = func() string {
		if f := verb.Root().PersistentFlags().Lookup("lang"); f != nil {
			return f.Value.String()
		}
		return ""
	}
	verb.PersistentFlags().StringVar(&cl.server, "server", envOr("NURTURE_SERVER", defaultServer), "address of the server ($NURTURE_SERVER)")
	verb.PersistentFlags().StringVar(&cl.key, "key", os.Getenv("NURTURE_API_KEY"), "API key ($NURTURE_API_KEY)")
	verb.PersistentFlags().Lookup("key").DefValue = ""
	verb.PersistentFlags().Lookup("server").DefValue = defaultServer
	return cl
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// refusal is an answer of the server that is not a success.
type refusal struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (r *refusal) Error() string {
	if r.Detail != "" {
		return r.Detail
	}
	return fmt.Sprintf("the server answered %d %s", r.Status, r.Title)
}

// call asks the server and reads its JSON answer into out (nil: none is wanted).
func (cl *client) call(ctx context.Context, method, path string, body, out any) error {
	base, err := url.Parse(strings.TrimRight(cl.server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return fmt.Errorf("--server is an address like %s, not %q", defaultServer, cl.server)
	}
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("write the request: %w", err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, base.String()+path, in)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	cl.introduce(req)
	resp, err := cl.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return &exit{code: exitUnreachable, err: fmt.Errorf("no server answers at %s: %w\nStart one with `nurture serve WORKSPACE --data DIR`, or name another with --server", base, err)}
	}
	defer resp.Body.Close()
	cl.heard(resp)
	return answerOf(resp, out)
}

// introduce says who asks, and in which language they want to be answered.
func (cl *client) introduce(req *http.Request) {
	if lang := cl.lang(); lang != "" {
		req.Header.Set("Accept-Language", lang)
	}
	if cl.key != "" {
		req.Header.Set("Authorization", "Bearer "+cl.key)
	}
}

// maxAnswer bounds what a server may answer.
const maxAnswer = 64 << 20

func answerOf(resp *http.Response, out any) error {
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if resp.StatusCode >= 300 {
		r := &refusal{}
		_ = json.Unmarshal(b, r) // an answer of another form keeps its status
		r.Status, r.Title = resp.StatusCode, http.StatusText(resp.StatusCode)
		return r
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}
