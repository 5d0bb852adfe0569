package plugins_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
	"github.com/seed-456efde2/nurture/plugins/internal/wire"
)

// bench is a channel that does nothing, in batches.
type bench struct{}

func (bench) Describe() channel.Description {
	return channel.Description{
		Name: "bench", Version: "1", Reach: channel.ReachesSystem, Keyed: true, BatchMax: 100,
		Steps: []channel.Step{{Kind: "bench"}},
	}
}

func (bench) Configure(context.Context, channel.Config) error { return nil }

func (bench) Do(context.Context, channel.Request) (channel.Reply, error) {
	return channel.Accepted("x"), nil
}

func (bench) DoBatch(_ context.Context, rs []channel.Request) ([]channel.Reply, error) {
	replies := make([]channel.Reply, len(rs))
	for i := range rs {
		replies[i] = channel.Accepted("x")
	}
	return replies, nil
}

// BenchmarkHost is actions a second through a real plugin process, and its ratio
// to bare unary round trips of go-plugin, one after the other, in the same run.
func BenchmarkHost(b *testing.B) {
	h := newHost(b, host.Options{Catalog: []channel.Description{channel.Describe(bench{})}, Queue: 4096},
		host.Config{Name: "bench", Plugin: "bench"})
	bare := bareRoundTrips(b)
	for _, batch := range []int{1, 100} {
		for _, flying := range []int{1, 4} {
			b.Run(fmt.Sprintf("batch=%d/flying=%d", batch, flying), func(b *testing.B) {
				began := time.Now()
				n := pump(b, h, batch, flying)
				rate := float64(n) / time.Since(began).Seconds()
				b.ReportMetric(rate, "actions/s")
				b.ReportMetric(rate/bare, "×bare")
				b.ReportMetric(bare, "bare/s")
			})
		}
	}
}

// pump keeps `flying` Sends of `batch` requests under way.
func pump(b *testing.B, h *host.Host, batch, flying int) int {
	b.Helper()
	requests := make([]engine.Request, batch)
	for i := range requests {
		requests[i] = engine.Request{Key: key(i), Channel: "bench", Kind: "bench", Attempt: 1, Parts: []engine.Field{
			text("payload", string(make([]byte, 300))),
		}}
	}
	receipts := make(chan engine.Receipt, batch*(flying+1))
	send := func() {
		if err := h.Send(context.Background(), requests, func(r engine.Receipt) { receipts <- r }); err != nil {
			b.Fatal(err)
		}
	}
	sent, settled := 0, 0
	for range flying {
		send()
		sent += batch
	}
	for b.Loop() {
		for range batch {
			if r := <-receipts; r.Outcome != engine.Done {
				b.Fatalf("%+v", r)
			}
		}
		settled += batch
		send()
		sent += batch
	}
	for settled < sent {
		<-receipts
		settled++
	}
	return settled
}

// bareRoundTrips is how many health checks a second a bare go-plugin client of
// the same process makes.
func bareRoundTrips(b *testing.B) float64 {
	b.Helper()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: wire.Sets(nil),
		Cmd:              exec.Command(os.Args[0], "plugin", "serve", "bench"),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           wire.NewLogger(slog.New(slog.DiscardHandler), slog.LevelDebug),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	const warm, trips = 2000, 20_000
	var began time.Time
	for i := range warm + trips {
		if i == warm {
			began = time.Now()
		}
		if err := protocol.Ping(); err != nil {
			b.Fatal(err)
		}
	}
	return trips / time.Since(began).Seconds()
}
