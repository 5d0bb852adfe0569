package host

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/go-plugin"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/wire"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// rawModes are plugins that speak the protocol by themselves, without the SDK that
// would keep them from what they do.
var rawModes = map[string]bool{
	"raw_mute": true, "raw_huge": true, "raw_liar": true, "raw_twice": true, "raw_late": true, "raw_flood": true, "raw_empty": true, "raw_cookie": true,
}

// rawPlugin misbehaves in the protocol itself.
type rawPlugin struct {
	channelv1.UnimplementedChannelServiceServer
	mode string
}

func playRaw(mode string) {
	handshake := wire.Handshake()
	if mode == "raw_cookie" {
		handshake.MagicCookieValue = "of another product"
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: handshake, VersionedPlugins: wire.Sets(&rawPlugin{mode: mode}), GRPCServer: wire.NewServer,
	})
}

func (p *rawPlugin) Describe(ctx context.Context, _ *channelv1.DescribeRequest) (*channelv1.DescribeResponse, error) {
	d := describeRelay(p.mode)
	switch p.mode {
	case "raw_mute":
		fmt.Fprintln(os.NewFile(2, "stderr"), "asked what it is")
		<-ctx.Done()
		return nil, ctx.Err()
	case "raw_huge":
		return &channelv1.DescribeResponse{DescriptionJson: []byte(strings.Repeat("x", wire.MessageLimit+1))}, nil
	case "raw_liar":
		d.Name = "somebody_else"
	}
	b, err := channel.EncodeDescription(d)
	return &channelv1.DescribeResponse{DescriptionJson: b}, err
}

func (p *rawPlugin) Configure(context.Context, *channelv1.ConfigureRequest) (*channelv1.ConfigureResponse, error) {
	return &channelv1.ConfigureResponse{}, nil
}

func (p *rawPlugin) Deliver(stream channelv1.ChannelService_DeliverServer) error {
	for {
		msg, err := stream.Recv()
		if err != nil {
			return nil // the host is gone or has enough
		}
		for _, a := range msg.Actions {
			if err := p.answer(stream, a); err != nil {
				return err
			}
		}
	}
}

func (p *rawPlugin) answer(stream channelv1.ChannelService_DeliverServer, a *channelv1.Action) error {
	done := &channelv1.Result{Id: a.Id, Outcome: &channelv1.Result_Done{Done: &channelv1.Done{ProviderId: "first"}}}
	refused := &channelv1.Result{Id: a.Id, Outcome: &channelv1.Result_Refused{Refused: &channelv1.Refused{Code: "second"}}}
	results := []*channelv1.Result{done}
	switch p.mode {
	case "raw_twice":
		stranger := &channelv1.Result{Id: 999_999, Outcome: refused.Outcome}
		results = []*channelv1.Result{stranger, done, refused, done}
	case "raw_late":
		if a.Attempt == 1 {
			fmt.Fprintln(os.NewFile(2, "stderr"), "taken")
			return nil // the answer comes with the next action's
		}
		old := &channelv1.Result{Id: a.Id - 1, Outcome: done.Outcome}
		results = []*channelv1.Result{old, refused}
	case "raw_flood":
		refused.GetRefused().Detail = strings.Repeat("x", wire.MessageLimit+1)
		results = []*channelv1.Result{refused}
	case "raw_empty":
		results = []*channelv1.Result{{Id: a.Id}}
	}
	return stream.Send(&channelv1.DeliverResponse{Results: results})
}

// playNanny is a plugin with a child in its own group, which holds on for ever.
func playNanny(receiver string) error {
	if err := startChild(receiver, nil); err != nil {
		return fmt.Errorf("start a child: %w", err)
	}
	return nil
}
