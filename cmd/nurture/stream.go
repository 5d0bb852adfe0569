package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// stream asks the server for something that takes long: it hears the progress, and
// reads the message called name into out.
func (cl *client) stream(ctx context.Context, path, name string, body, out any, progress func(done, of int)) error {
	base, err := url.Parse(strings.TrimRight(cl.server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return fmt.Errorf("--server is an address like %s, not %q", defaultServer, cl.server)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.String()+path, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	cl.introduce(req)
	resp, err := http.DefaultClient.Do(req) // it may take as long as it takes
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return &exit{code: exitUnreachable, err: fmt.Errorf("no server answers at %s: %w\nStart one with `nurture serve WORKSPACE --data DIR`, name another with --server, or open its folder with --data", base, err)}
	}
	defer resp.Body.Close()
	cl.heard(resp)
	if resp.StatusCode >= 300 {
		return answerOf(resp, nil)
	}
	return readStream(bufio.NewReaderSize(resp.Body, 64<<10), name, out, progress)
}

// open asks the server for a stream that goes on until the reader leaves.
func (cl *client) open(ctx context.Context, path string) (io.ReadCloser, error) {
	base, err := url.Parse(strings.TrimRight(cl.server, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("--server is an address like %s, not %q", defaultServer, cl.server)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+path, nil)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	cl.introduce(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, &exit{code: exitUnreachable, err: fmt.Errorf("no server answers at %s: %w", base, err)}
	}
	cl.heard(resp)
	if resp.StatusCode >= 300 {
		defer resp.Body.Close()
		return nil, answerOf(resp, nil)
	}
	return resp.Body, nil
}

// readStream reads server-sent events to the one that is asked for.
func readStream(in *bufio.Reader, name string, out any, progress func(done, of int)) error {
	event := ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return errors.New("the server ended the connection before it was done; its log says why")
		}
		line = strings.TrimRight(line, "\r\n")
		if kind, ok := strings.CutPrefix(line, "event: "); ok {
			event = kind
			continue
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		switch event {
		case name:
			if err := json.Unmarshal([]byte(data), out); err != nil {
				return fmt.Errorf("read the server's answer: %w", err)
			}
			return nil
		case "problem":
			r := &refusal{}
			if err := json.Unmarshal([]byte(data), r); err != nil {
				return fmt.Errorf("read the server's answer: %w", err)
			}
			return r
		case "progress":
			var p struct{ Done, Of int }
			if json.Unmarshal([]byte(data), &p) == nil && progress != nil {
				progress(p.Done, p.Of)
			}
		}
	}
}
