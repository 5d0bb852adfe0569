package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// trackedLinks gives mails to leads the links that lead back to this server, and the
// token by which what comes back by mail is known. Without an address of the server
// it is the token alone.
type trackedLinks struct{ links tracking.Links }

// returnToken is the part of a mail that the channel puts into the address it comes
// back to and into the one it is answered to.
const returnToken = "token"

// newLinks makes the links of a server that is reached at an address.
func newLinks(address string, keys *tracking.Keys) (*trackedLinks, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		strings.ContainsAny(address, " \"'<>\\") {
		return nil, fmt.Errorf("--public-url %q is no address of a web server; write for example https://news.example.co.jp", address)
	}
	return &trackedLinks{tracking.Links{Keys: keys, Base: strings.TrimRight(address, "/")}}, nil
}

// mailKind is the kind of step whose messages have links of ours.
const mailKind = "email"

// Facts implements engine.Links: where a mail's footer leads.
func (l *trackedLinks) Facts(m engine.Outgoing) map[string]any {
	return l.ownPages(m)
}

// wayOut is where the lead of a mail unsubscribes, "" for what needs no way out.
func (l *trackedLinks) wayOut(m engine.Outgoing) string {
	if m.Kind != mailKind || m.Transactional || l.links.Base == "" {
		return ""
	}
	t := aboutMail(m)
	t.Kind = tracking.Unsubscribe
	address, err := l.links.Address(t)
	if err != nil { // a name that is too long: the way out goes without it
		t.Workflow, t.Step = "", ""
		address, _ = l.links.Address(t)
	}
	return address
}

func aboutMail(m engine.Outgoing) tracking.Token {
	return tracking.Token{
		Lead: m.Lead, Message: m.Key, Channel: m.Channel, Workflow: m.Workflow, Step: m.Step, Topic: m.Topic,
	}
}

// Finish implements engine.Links. What is transactional has neither pixel nor trap.
func (l *trackedLinks) Finish(m engine.Outgoing, parts []engine.Field) []engine.Field {
	if m.Kind != mailKind {
		return parts
	}
	parts = append(parts, engine.Field{Name: returnToken, Value: engine.TextValue(l.links.Keys.SealAddress(aboutMail(m)))})
	if l.links.Base == "" {
		return parts
	}
	text := func(name string) string {
		v, _ := engine.Lookup(parts, name)
		return v.Text()
	}
	out := l.wayOut(m)
	words := map[string]string{"ja": "配信を停止する"}[m.Language]
	if words == "" {
		words = "Stop these mails"
	}
	done := l.links.Finish(aboutMail(m), tracking.Mail{HTML: text("html"), Text: text("text")},
		tracking.Extras{Hidden: !m.Transactional, WayOut: out, Words: words})
	for i := range parts {
		switch parts[i].Name {
		case "html":
			parts[i].Value = engine.TextValue(done.HTML)
		case "text":
			parts[i].Value = engine.TextValue(done.Text)
		}
	}
	if out != "" {
		parts = append(parts, engine.Field{Name: dsl.UnsubscribeFact, Value: engine.TextValue(out)})
	}
	return parts
}

// trackingKeys reads the secrets of tracked links: those given, the current one
// first, and behind them the one that is kept beside the state. Without any that one
// is made where wanted; else there are no keys.
func trackingKeys(given, data string, wanted bool) (*tracking.Keys, error) {
	var secrets []string
	if given != "" {
		for secret := range strings.SplitSeq(given, ",") {
			secrets = append(secrets, strings.TrimSpace(secret))
		}
	}
	kept, err := keptSecret(filepath.Join(data, "tracking.key"), wanted && len(secrets) == 0)
	if err != nil {
		return nil, err
	}
	if kept != "" && !slices.Contains(secrets, kept) {
		secrets = append(secrets, kept)
	}
	if len(secrets) == 0 {
		return nil, nil
	}
	keys, err := tracking.NewKeys(secrets...)
	if err != nil {
		return nil, fmt.Errorf("read NURTURE_TRACKING_KEYS and tracking.key: %w", err)
	}
	return keys, nil
}

// keptSecret reads a secret from a file; where there is none it makes both, if it is
// to.
func keptSecret(file string, create bool) (string, error) {
	b, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the key of tracked links: %w", err)
	}
	if !create {
		return "", nil
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	secret := hex.EncodeToString(random[:])
	if err := writeWhole(file, secret+"\n"); err != nil {
		return "", fmt.Errorf("keep the key of tracked links: %w", err)
	}
	return secret, nil
}

// writeWhole writes a file so that a crash leaves all of it or nothing.
func writeWhole(file, text string) error {
	f, err := os.OpenFile(file+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
