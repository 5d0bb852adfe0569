package channel_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
)

// TestMain serves a channel that works in batches.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(&batches{})
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// batches is a channel that does actions in batches and holds those that are
// told to wait until they are cancelled.
type batches struct{}

func (*batches) Describe() channel.Description {
	return channel.Description{
		Name: "batches", Version: "1", Reach: channel.ReachesSystem, Commits: true, Concurrency: 2,
		Steps: []channel.Step{{Kind: "batch"}},
	}
}

func (*batches) Configure(context.Context, channel.Config) error { return nil }

func (*batches) Do(context.Context, channel.Request) (channel.Reply, error) {
	return channel.Reply{}, errors.New("a channel of batches is never asked for one")
}

func (*batches) DoBatch(ctx context.Context, rs []channel.Request) ([]channel.Reply, error) {
	replies := make([]channel.Reply, len(rs))
	for i, r := range rs {
		if r.Text("wait") != "" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if err := r.Commit(ctx); err != nil {
			return nil, err
		}
		replies[i] = channel.Accepted(r.Key)
	}
	return replies, nil
}

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Parts:   func(int) []channel.Part { return []channel.Part{{Name: "text", Value: "こんにちは"}} },
		Hold:    []channel.Part{{Name: "wait", Value: "for ever"}},
		Large:   func(text string) []channel.Part { return []channel.Part{{Name: "text", Value: text}} },
	})
}
