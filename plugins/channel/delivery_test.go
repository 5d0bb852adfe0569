package channel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/seed-456efde2/nurture/plugins/internal/wire"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// scripted is a channel whose Do is given by the test.
type scripted struct {
	sms
	commits bool
	do      func(context.Context, Request) (Reply, error)
}

func (s scripted) Describe() Description {
	d := s.sms.Describe()
	d.Config, d.Commits = nil, s.commits
	return d
}

func (s scripted) Do(ctx context.Context, r Request) (Reply, error) { return s.do(ctx, r) }

// inBatches is the same in batches.
type inBatches struct {
	scripted
	doBatch func(context.Context, []Request) ([]Reply, error)
}

func (s inBatches) DoBatch(ctx context.Context, rs []Request) ([]Reply, error) {
	return s.doBatch(ctx, rs)
}

// serve opens a stream to the channel, in this process.
func serve(t *testing.T, c Channel) channelv1.ChannelService_DeliverClient {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	srv := wire.NewServer(nil)
	channelv1.RegisterChannelServiceServer(srv, newServer(c, slog.New(slog.DiscardHandler)))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(lis) }()
	conn, err := grpc.NewClient("passthrough:///plugin", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return lis.Dial() }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); srv.Stop(); <-done })
	client := channelv1.NewChannelServiceClient(conn)
	if _, err := client.Configure(t.Context(), &channelv1.ConfigureRequest{ConfigJson: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	stream, err := client.Deliver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func exchange(t *testing.T, s channelv1.ChannelService_DeliverClient, actions ...*channelv1.Action) map[uint64]*channelv1.Result {
	t.Helper()
	if err := s.Send(&channelv1.DeliverRequest{Actions: actions}); err != nil {
		t.Fatal(err)
	}
	results := map[uint64]*channelv1.Result{}
	for len(results) < len(actions) {
		msg, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range msg.Results {
			results[r.Id] = r
		}
	}
	return results
}

// What Do returns, and how it fails, is what the host hears.
func TestReplies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(context.Context, Request) (Reply, error)
		want string
	}{
		"done":      {func(context.Context, Request) (Reply, error) { return Accepted("p1"), nil }, `done:{provider_id:"p1"}`},
		"retry":     {func(context.Context, Request) (Reply, error) { return Again(time.Second, "c", "d"), nil }, `retry:{after_ms:1000 code:"c" detail:"d"}`},
		"refused":   {func(context.Context, Request) (Reply, error) { return Refuse("c", "d"), nil }, `refused:{code:"c" detail:"d"}`},
		"unknown":   {func(context.Context, Request) (Reply, error) { return Uncertain("c", "d"), nil }, `unknown:{code:"c" detail:"d"}`},
		"forgotten": {func(context.Context, Request) (Reply, error) { return Reply{}, nil }, `unknown:{code:"unspecified"}`},
		"error":     {func(context.Context, Request) (Reply, error) { return Accepted("p"), errors.New("boom") }, `unknown:{code:"error" detail:"boom"}`},
		"panic":     {func(context.Context, Request) (Reply, error) { panic("a@b.jp") }, `unknown:{code:"panic" detail:"panic in Do"}`},
		"too late": {
			func(ctx context.Context, _ Request) (Reply, error) { <-ctx.Done(); return Reply{}, ctx.Err() },
			`unknown:{code:"timeout" detail:"no answer in time"}`,
		},
		"latin-1": {func(context.Context, Request) (Reply, error) { return Refuse("c", "caf\xe9"), nil }, "refused:{code:\"c\" detail:\"caf\uFFFD\"}"},
		"long":    {func(context.Context, Request) (Reply, error) { return Refuse("c", strings.Repeat("x", 5000)), nil }, `refused:{code:"c" detail:"` + strings.Repeat("x", maxWords) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			action := &channelv1.Action{Id: 7, Key: "k"}
			if name == "too late" {
				action.TimeoutMs = 50
			}
			got := exchange(t, serve(t, scripted{do: c.do}), action)[7]
			if text := strings.ReplaceAll(got.String(), "  ", " "); text != "id:7 "+c.want {
				t.Errorf("result %s, want id:7 %s", text, c.want)
			}
		})
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	several := []*channelv1.Action{{Id: 1, Key: "a"}, {Id: 2, Key: "b"}, {Id: 3, Key: "c"}}
	for name, c := range map[string]struct {
		do   func([]Request) ([]Reply, error)
		want string
	}{
		"each its own": {func(rs []Request) ([]Reply, error) {
			replies := make([]Reply, len(rs))
			for i, r := range rs {
				if replies[i] = Accepted(r.Key); r.Key == "b" {
					replies[i] = Refuse("no", "")
				}
			}
			return replies, nil
		}, "a refused c"},
		"too few":  {func(rs []Request) ([]Reply, error) { return make([]Reply, len(rs)-1), nil }, "unknown unknown unknown"},
		"an error": {func([]Request) ([]Reply, error) { return nil, errors.New("boom") }, "unknown unknown unknown"},
		"a panic":  {func([]Request) ([]Reply, error) { panic("boom") }, "unknown unknown unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ch := inBatches{doBatch: func(_ context.Context, rs []Request) ([]Reply, error) { return c.do(rs) }}
			results := exchange(t, serve(t, ch), several...)
			var got []string
			for id := uint64(1); id <= 3; id++ {
				switch o := results[id].Outcome.(type) {
				case *channelv1.Result_Done:
					got = append(got, o.Done.ProviderId)
				case *channelv1.Result_Refused:
					got = append(got, "refused")
				case *channelv1.Result_Unknown:
					got = append(got, "unknown")
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Leave is asked of the host, and its no is heard.
func TestCommitAsksTheHost(t *testing.T) {
	t.Parallel()
	s := serve(t, scripted{commits: true, do: func(ctx context.Context, r Request) (Reply, error) {
		if err := r.Commit(ctx); err != nil {
			return Again(0, "not_granted", err.Error()), nil
		}
		return Accepted(r.Key), nil
	}})
	if err := s.Send(&channelv1.DeliverRequest{Actions: []*channelv1.Action{{Id: 1, Key: "yes"}, {Id: 2, Key: "no"}}}); err != nil {
		t.Fatal(err)
	}
	got := map[uint64]string{}
	for len(got) < 2 {
		msg, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range msg.CommitQuestions {
			answer := []*channelv1.CommitAnswer{{Id: q.Id, Granted: q.Id == 1}, {Id: 99, Granted: true}}
			if err := s.Send(&channelv1.DeliverRequest{CommitAnswers: answer}); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range msg.Results {
			got[r.Id] = fmt.Sprint(r.GetDone().GetProviderId(), r.GetRetry().GetCode())
		}
	}
	if got[1] != "yes" || got[2] != "not_granted" {
		t.Errorf("%v", got)
	}
}
