package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/outgoing"
)

// Do makes one request.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	body, err := c.body(r)
	if err != nil {
		return channel.Refuse("bad_payload", err.Error()), nil
	}
	var sent outgoing.Sent
	req, err := c.request(sent.Watch(ctx), r, body)
	if err != nil {
		return channel.Refuse("bad_request", "the request cannot be made"), nil
	}
	if c.dryRun {
		return channel.Accepted("dry run"), nil
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return sent.Lost(err), nil
	}
	defer answer.Body.Close()
	if !c.answer.reads() {
		_, _ = io.Copy(io.Discard, answer.Body) // bounded; so that the connection can be used again
		return c.verdict(answer, nil), nil
	}
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return channel.Uncertain("network", "the answer broke off"), nil
	}
	return c.verdict(answer, said), nil
}

func (c *Channel) request(ctx context.Context, r channel.Request, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, address(c.url, r), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	for name, values := range c.header {
		req.Header.Set(name, address(values[0], r))
	}
	req.Header.Set("User-Agent", "nurture-webhook/1")
	req.Header.Set(c.keyHeader, r.Key)
	sign(req.Header, r.Key, c.now(), body, c.keys)
	return req, nil
}

// body is what is sent: the payload, or the configured document filled in with it.
func (c *Channel) body(r channel.Request) ([]byte, error) {
	payload, err := document(r)
	if err != nil || c.template == nil {
		return payload, err
	}
	f, err := factsOf(r, payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(f.fill(c.template))
}

// document is the JSON to send: the part "payload". Other parts are added as
// members, unless the payload has them already.
func document(r channel.Request) ([]byte, error) {
	raw, _ := r.Part(partPayload).(json.RawMessage)
	if raw == nil {
		if text := r.Text(partPayload); text != "" {
			raw = json.RawMessage(text)
		}
	}
	if raw != nil && !json.Valid(raw) {
		return nil, errors.New("part payload is not JSON")
	}
	if raw != nil && len(r.Parts) == 1 {
		return raw, nil
	}
	members := map[string]json.RawMessage{}
	for _, p := range r.Parts {
		if p.Name == partPayload {
			continue
		}
		value, err := json.Marshal(p.Value)
		if err != nil {
			return nil, fmt.Errorf("part %s is not JSON", p.Name)
		}
		members[p.Name] = value
	}
	if raw != nil {
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, errors.New("part payload is not a JSON object, but there are parts beside it")
		}
	}
	return json.Marshal(members)
}
