package host

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

// listening are the modes of plugins that hear and receive.
var listening = map[string]bool{"hears": true}

// hearer asks its service "next CURSOR" and hands in what it is told: "fact ID
// LEAD CURSOR", or "fail". It receives requests that are signed with "yes".
type hearer struct {
	relay
}

func (h *hearer) Listen(ctx context.Context, in channel.Inbox) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", h.receiver)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	lines := bufio.NewScanner(conn)
	for {
		fmt.Fprintf(conn, "next cursor=%s\n", in.Cursor())
		if !lines.Scan() {
			return ctx.Err()
		}
		words := strings.Fields(lines.Text())
		if words[0] == "fail" {
			return errors.New("the mailbox of tanaka@example.co.jp is locked")
		}
		fact := channel.Fact{
			ID: words[1], Event: "heard", Lead: words[2], At: time.UnixMilli(1_790_000_000_000),
			Fields: map[string]any{"kind": "hard", "n": 3, "sure": true, "when": time.UnixMilli(5), "more": []string{"a"}, "none": nil},
		}
		if err := in.Accept(ctx, []channel.Fact{fact}, words[3]); err != nil {
			return err
		}
	}
}

func (h *hearer) Receive(_ context.Context, r channel.HTTPRequest) (channel.HTTPReply, error) {
	if r.Header.Get("X-Signature") != "yes" {
		return channel.HTTPReply{Status: http.StatusForbidden, Body: []byte("who are you?")}, nil
	}
	if r.Path == "/broken" {
		return channel.HTTPReply{}, errors.New("the signature's key is being fetched")
	}
	return channel.HTTPReply{
		Header: http.Header{"X-Seen": {r.Query.Get("q"), r.Header.Get("Cookie")}},
		Body:   r.Body,
		Facts:  []channel.Fact{{ID: string(r.Body), Event: "heard", Token: "t"}},
	}, nil
}

// ledger is an Intake in memory.
type ledger struct {
	mu      sync.Mutex
	facts   []channel.Fact
	from    []Source
	cursors map[string]string
	refuse  error
	kept    chan string // ids, as they are accepted
}

func newLedger() *ledger { return &ledger{cursors: map[string]string{}, kept: make(chan string, 1000)} }

func (l *ledger) Accept(_ context.Context, from Source, facts []channel.Fact) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse != nil {
		return l.refuse
	}
	l.facts, l.from = append(l.facts, facts...), append(l.from, from)
	for _, f := range facts {
		l.kept <- f.ID
	}
	return nil
}

func (l *ledger) Cursor(channel string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cursors[channel], nil
}

func (l *ledger) KeepCursor(channel, cursor string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cursors[channel] = cursor
	return nil
}

func (l *ledger) setRefuse(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = err
}

// listenerHost is a host with one channel that hears. What it is told comes from
// tell; a call to tell waits until the plugin asks.
func listenerHost(t *testing.T, l *ledger, log *journal, mode string) (h *Host, r *receiver, tell chan string) {
	t.Helper()
	r, tell = newReceiver(t), make(chan string)
	r.answers(func(line string) string {
		if !strings.HasPrefix(line, "next") {
			return "ok"
		}
		select {
		case s := <-tell:
			return s
		case <-t.Context().Done():
			return "fail"
		}
	})
	o := testOptions(mode, "relay")
	o.Intake = l
	return newHostWith(t, o, r, log, mode, "relay"), r, tell
}

// What a plugin hears is accepted, with the cursor behind it, and every kind of
// field comes across.
func TestListen(t *testing.T) {
	t.Parallel()
	l := newLedger()
	l.cursors["hears"] = "c0"
	h, r, tell := listenerHost(t, l, nil, "hears")
	waitSaid(t, r, "next cursor=c0")
	tell <- "fact one 00ff c1"
	waitSaid(t, r, "next cursor=c1")
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.facts) != 1 || l.cursors["hears"] != "c1" {
		t.Fatalf("facts %+v, cursors %v", l.facts, l.cursors)
	}
	f := l.facts[0]
	if f.ID != "one" || f.Lead != "00ff" || f.At.UnixMilli() != 1_790_000_000_000 ||
		f.Fields["kind"] != "hard" || f.Fields["n"] != 3.0 || f.Fields["sure"] != true ||
		!f.Fields["when"].(time.Time).Equal(time.UnixMilli(5)) || fmt.Sprintf("%s", f.Fields["more"]) != `["a"]` || len(f.Fields) != 5 {
		t.Errorf("fact %+v", f)
	}
	if from := l.from[0]; from.Channel != "hears" || from.Plugin != "hears" || !slices.Equal(from.Events, []string{"heard"}) {
		t.Errorf("from %+v", from)
	}
	if st := h.Status(); st[0].Heard != 1 || st[0].Deaf != "" {
		t.Errorf("status %+v", st[0])
	}
}

// Facts that cannot be kept, and a plugin that fails, come again after a pause:
// from the cursor that was kept. Deliveries go on meanwhile.
func TestListenAgain(t *testing.T) {
	t.Parallel()
	l, log := newLedger(), newJournal()
	l.setRefuse(errors.New("the disk is full"))
	h, r, tell := listenerHost(t, l, log, "hears")
	waitSaid(t, r, "next cursor=")
	tell <- "fact one 00ff c1"
	log.wait(t, 1, "plugin stopped listening", "the host did not keep the facts: the disk is full")
	wantOutcome(t, get(t, "receipt", send(t, h, request("hears", 1, 1))), engine.Done, "")
	l.setRefuse(nil)
	waitSaid(t, r, "next cursor=")
	tell <- "fail"
	log.wait(t, 1, "plugin stopped listening", "the mailbox of <address> is locked")
	waitSaid(t, r, "next cursor=")
	tell <- "fact one 00ff c1"
	if id := get(t, "fact", l.kept); id != "one" {
		t.Errorf("fact %s", id)
	}
	if st := h.Status()[0]; st.Restarts != 0 {
		t.Errorf("the process was started anew: %+v", st)
	}
}

// While a new process takes over, one listens at a time, and nothing is lost: the
// new one goes on from the old one's cursor.
func TestListenTakeover(t *testing.T) {
	t.Parallel()
	l := newLedger()
	h, r, tell := listenerHost(t, l, nil, "hears")
	waitSaid(t, r, "next cursor=")
	tell <- "fact one 00ff c1"
	waitSaid(t, r, "next cursor=c1")
	changed := configs(r, "hears", "relay")
	changed[0].Values["token"] = "another-token"
	if err := h.Apply(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	waitSaid(t, r, "next cursor=c1")
	// The old one's question is still open in the receiver: one of these is for it,
	// and it is not there any more to hear it.
	for _, n := range []string{"two", "three"} {
		tell <- "fact " + n + " 00ff c-" + n
	}
	if id := get(t, "fact", l.kept); id != "one" {
		t.Fatalf("fact %s", id)
	}
	if id := get(t, "fact", l.kept); id != "two" && id != "three" {
		t.Fatalf("fact %s", id)
	}
}

// A request of the service reaches the plugin, and its facts are kept before the
// answer is given.
func TestReceive(t *testing.T) {
	t.Parallel()
	l := newLedger()
	h, _, _ := listenerHost(t, l, nil, "hears")
	call := func(channelName, path, signature, body string) (channel.HTTPReply, error) {
		return h.Receive(t.Context(), channelName, channel.HTTPRequest{
			Method: "POST", Path: path, URL: "https://x.example/v1/in/hears?q=料金", Body: []byte(body),
			Header: http.Header{"X-Signature": {signature}, "Cookie": {"console=secret"}},
		})
	}
	reply, err := call("hears", "", "yes", "fact-7")
	if err != nil || reply.Status != http.StatusOK || string(reply.Body) != "fact-7" || !slices.Equal(reply.Header["X-Seen"], []string{"料金", ""}) {
		t.Fatalf("%+v, %v", reply, err)
	}
	if len(l.facts) != 1 || l.facts[0].ID != "fact-7" || l.facts[0].Token != "t" || len(reply.Facts) != 0 {
		t.Errorf("facts %+v", l.facts)
	}
	if reply, err = call("hears", "", "no", "x"); err != nil || reply.Status != http.StatusForbidden || len(l.facts) != 1 {
		t.Errorf("%+v, %v", reply, err)
	}
	if _, err = call("hears", "/broken", "yes", "x"); !errors.Is(err, ErrAway) {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"relay", "nobody"} {
		if _, err = call(name, "", "yes", "x"); !errors.Is(err, ErrNoReceiver) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	l.setRefuse(errors.New("the disk is full"))
	if _, err = call("hears", "", "yes", "x"); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("error %v", err)
	}
}
