package channeltest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// trial is one thing that a plugin must do. It says why it was left out, if it was.
type trial struct {
	name channel.Text
	run  func(T, *Plan, channel.Description) channel.Text
}

// done is the answer of a trial that was not left out.
var done channel.Text

var (
	noHold  = channel.Text{En: "the plan has no action that is held", Ja: "止められるアクションが計画にありません"}
	noLarge = channel.Text{En: "the plan names no part that can be large", Ja: "大きくできるパートが計画にありません"}
	noKeys  = channel.Text{En: "the description does not say that keys are honoured", Ja: "キーを守ると説明にありません"}
	noCount = channel.Text{En: "nobody can tell how often the service did it", Ja: "サービスが何度行ったかを数えられません"}
)

// trials are in the order of a plugin's life. The first must pass before another
// makes sense.
var trials = []trial{
	{channel.Text{En: "shakes hands and is configured", Ja: "ハンドシェイクをして、設定を受け取る"}, shakesHands},
	{channel.Text{En: "describes itself the same way twice", Ja: "何度たずねても同じ説明を返す"}, describesTheSame},
	{channel.Text{En: "talks to a plugin host only", Ja: "プラグインホスト以外からの起動では終わる"}, wantsCookie},
	{channel.Text{En: "does not claim a version it does not speak", Ja: "話せないプロトコルの版を名乗らない"}, knowsItsVersion},
	{channel.Text{En: "names each missing attribute", Ja: "足りない設定の名前を示す"}, namesMissing},
	{channel.Text{En: "names an unknown attribute", Ja: "知らない設定の名前を示す"}, namesUnknown},
	{channel.Text{En: "names an attribute of the wrong type", Ja: "型の違う設定の名前を示す"}, namesWrongType},
	{channel.Text{En: "takes nothing before it is configured", Ja: "設定の前には何も受け取らない"}, wantsConfig},
	{channel.Text{En: "is configured once", Ja: "設定は一度だけ受け取る"}, configuredOnce},
	{channel.Text{En: "answers each action of a batch", Ja: "まとめて渡したアクションのすべてに一度ずつ答える"}, answersEach},
	{channel.Text{En: "answers an action without parts", Ja: "中身のないアクションにも答える"}, answersEmpty},
	{channel.Text{En: "does a key once", Ja: "同じキーのことは一度だけ行う"}, doesKeyOnce},
	{channel.Text{En: "goes on after it was killed, and does a key once", Ja: "強制終了のあとも動き、同じキーのことは一度だけ行う"}, survivesKill},
	{channel.Text{En: "takes 5 MiB", Ja: "5 MiB の中身を受け取る"}, takesLarge},
	{channel.Text{En: "ends with the stream when cancelled", Ja: "取り消されたら終える"}, endsWhenCancelled},
	{channel.Text{En: "answers when an action's time is over", Ja: "アクションの時間が過ぎたら答える"}, answersInTime},
	{channel.Text{En: "answers pings while it works", Ja: "仕事中も生存確認に答える"}, answersWhileWorking},
	{channel.Text{En: "hears nothing before it is configured", Ja: "設定の前には何も聞かない"}, wantsConfigToListen},
	{channel.Text{En: "brings again what was not kept, and goes on from the cursor", Ja: "保存されなかった知らせをもう一度渡し、カーソルから続ける"}, bringsAgain},
	{channel.Text{En: "stops listening when asked, and listens again", Ja: "求められたら聞くのをやめ、また聞ける"}, stopsListening},
	{channel.Text{En: "believes requests of its service only", Ja: "サービスの署名があるリクエストだけを信じる"}, believesTheServiceOnly},
	{channel.Text{En: "leaves when drained", Ja: "Drain のあと終わる"}, leavesWhenDrained},
	{channel.Text{En: "leaves when its parent does", Ja: "親がいなくなったら終わる"}, leavesWithParent},
	{channel.Text{En: "finishes what it has on SIGTERM", Ja: "SIGTERM では仕事をやめない"}, ignoresTerm},
	{channel.Text{En: "writes only its handshake on standard output", Ja: "標準出力にはハンドシェイクだけを書く"}, keepsStdoutClean},
	{channel.Text{En: "writes sound lines on standard error", Ja: "標準エラーに正しい行を書き、個人データを書かない"}, writesSoundLines},
}

func shakesHands(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	x.ping()
	return done
}

func describesTheSame(t T, p *Plan, d channel.Description) channel.Text {
	x := start(t, p)
	printed, err := channel.EncodeDescription(d)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		answer, err := x.client.Describe(x.ctx, &channelv1.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		told, err := channel.DecodeDescription(answer.DescriptionJson)
		if err != nil {
			t.Fatal(err)
		}
		again, err := channel.EncodeDescription(told)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(printed, again) {
			t.Fatalf("the sub-command prints\n%s\nthe process tells\n%s", printed, again)
		}
		commits := answer.Capabilities&(1<<channelv1.Capability_CAPABILITY_COMMIT) != 0
		if commits != d.Commits {
			t.Fatalf("the description says commits = %v, the capabilities %v", d.Commits, commits)
		}
	}
	return done
}

func wantsCookie(t T, p *Plan, _ channel.Description) channel.Text {
	x := launch(t, p, false, "1")
	if line := x.handshake(); line != "" {
		t.Fatalf("started by hand it shook hands: %q; it must say on standard error that a plugin host starts it, and end", line)
	}
	x.wantEnd()
	if x.cmd.ProcessState.Success() {
		t.Fatal("started by hand it ended with exit code 0")
	}
	return done
}

func knowsItsVersion(t T, p *Plan, _ channel.Description) channel.Text {
	x := launch(t, p, true, "99")
	if fields := strings.Split(x.handshake(), "|"); len(fields) > 1 && fields[1] == "99" {
		t.Fatal("asked for version 99 of the protocol it claims to speak it")
	}
	return done
}

func namesMissing(t T, p *Plan, d channel.Description) channel.Text {
	x := start(t, p)
	for _, a := range d.Config {
		if !a.Required {
			continue
		}
		values := maps.Clone(p.Config)
		delete(values, a.Name)
		x.wantRefused(values, a.Name)
	}
	x.configure(p.Config) // a refusal is no end
	return done
}

func namesUnknown(t T, p *Plan, _ channel.Description) channel.Text {
	start(t, p).wantRefused(with(p.Config, "no_such_attribute", "x"), "no_such_attribute")
	return done
}

func with(config map[string]any, name string, value any) map[string]any {
	values := maps.Clone(config)
	if values == nil {
		values = map[string]any{}
	}
	values[name] = value
	return values
}

// wrongValues are values that an attribute of a type cannot have.
var wrongValues = map[channel.Type]any{
	channel.TypeText: map[string]any{"a": 1.0}, channel.TypeNumber: "many", channel.TypeFlag: "perhaps",
	channel.TypeDuration: true, channel.TypeList: true, channel.TypeMap: true, channel.TypeBlock: "x",
}

func namesWrongType(t T, p *Plan, d channel.Description) channel.Text {
	x := start(t, p)
	for _, a := range d.Config {
		if wrong, ok := wrongValues[a.Type]; ok {
			x.wantRefused(with(p.Config, a.Name, wrong), a.Name)
		}
	}
	return done
}

func wantsConfig(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	stream, err := x.client.Deliver(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&channelv1.DeliverRequest{Actions: []*channelv1.Action{x.action(1, 1, 1)}}); err != nil {
		t.Logf("send: %v", err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("Deliver before Configure: %v, want %s", err, codes.FailedPrecondition)
	}
	return done
}

func configuredOnce(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	_, err := x.client.Configure(x.ctx, x.configRequest(p.Config))
	if status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("second Configure: %v, want %s", err, codes.FailedPrecondition)
	}
	return done
}

func answersEach(t T, p *Plan, d channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	n := uint64(3 * d.BatchMax)
	var actions []*channelv1.Action
	for id := uint64(1); id <= n; id++ {
		actions = append(actions, x.action(id, int(id), 1))
	}
	for batch := range slices.Chunk(actions, d.BatchMax) {
		stream.send(batch...)
	}
	results := stream.results(int(n))
	for id := uint64(1); id <= n; id++ {
		if results[id].GetDone() == nil {
			t.Fatalf("action %d: %v, want done", id, results[id])
		}
	}
	stream.end()
	return done
}

// answersEmpty asks for what cannot be done. Any answer will do, but one.
func answersEmpty(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	stream.send(x.withParts(1, nil))
	if results := stream.results(1); results[1] == nil {
		t.Fatal("the answer is to another action")
	}
	stream.send(x.action(2, 2, 1))
	stream.wantDone(2)
	return done
}

func doesKeyOnce(t T, p *Plan, d channel.Description) channel.Text {
	if why := counted(t, p, d); why.En != "" {
		return why
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	const key = "0123456789abcdef0123456789abcdef"
	for attempt := 1; attempt <= 2; attempt++ {
		stream.send(keyed(x.action(uint64(attempt), 1, attempt), key))
		stream.wantDone(uint64(attempt))
	}
	wantOnce(t, p, key)
	return done
}

// counted says why the effect of keys cannot be told.
func counted(t T, p *Plan, d channel.Description) channel.Text {
	t.Helper()
	switch {
	case !d.Keyed:
		return noKeys
	case p.Times == nil && p.Uncounted:
		return noCount
	case p.Times == nil:
		t.Fatal("the description says that keys are honoured: Plan.Times must tell")
	}
	return done
}

func keyed(a *channelv1.Action, key string) *channelv1.Action {
	a.Key = key
	return a
}

func wantOnce(t T, p *Plan, key string) {
	t.Helper()
	if n := p.Times(key); n != 1 {
		t.Fatalf("the service did the key %d times: the key of an action goes to the service with every attempt", n)
	}
}

// survivesKill kills the plugin at two points of an action's way and repeats the
// action in a new process, as the host does.
func survivesKill(t T, p *Plan, d channel.Description) channel.Text {
	count := counted(t, p, d).En == ""
	for n, point := range []string{"while it works", "after its answer"} {
		key := fmt.Sprintf("dead%028x", n)
		x := start(t, p)
		x.configure(p.Config)
		stream := x.deliver()
		stream.send(keyed(x.action(1, 1, 1), key))
		if point == "after its answer" {
			stream.wantDone(1)
		}
		x.kill()
		x = start(t, p)
		x.configure(p.Config)
		stream = x.deliver()
		stream.send(keyed(x.action(1, 1, 2), key))
		stream.wantDone(1)
		if count {
			wantOnce(t, p, key)
		}
	}
	return done
}

func takesLarge(t T, p *Plan, _ channel.Description) channel.Text {
	if p.Large == nil {
		return noLarge
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	const line = "<p>料金</p>\r\n"
	stream.send(x.withParts(1, p.Large(strings.Repeat(line, 5<<20/len(line)))))
	stream.wantDone(1)
	return done
}

func endsWhenCancelled(t T, p *Plan, _ channel.Description) channel.Text {
	if p.Hold == nil {
		return noHold
	}
	x := start(t, p)
	x.configure(p.Config)
	ctx, cancel := context.WithCancel(x.ctx)
	held := x.deliverIn(ctx)
	held.send(x.withParts(1, p.Hold))
	x.ping()
	cancel()
	var err error
	for err == nil { // a question for leave may be under way
		_, err = held.Recv()
	}
	if status.Code(err) != codes.Canceled {
		t.Fatalf("cancelled stream: %v", err)
	}
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	stream.wantDone(1)
	return done
}

// answersInTime gives an action less time than its service takes. Whether it
// happened is not known, or it did not; it is not done, and not refused for ever.
func answersInTime(t T, p *Plan, _ channel.Description) channel.Text {
	if p.Hold == nil {
		return noHold
	}
	x := start(t, p)
	x.configure(p.Config)
	ctx, cancel := context.WithCancel(x.ctx)
	defer cancel()
	stream := x.deliverIn(ctx)
	a := x.withParts(1, p.Hold)
	a.TimeoutMs = p.held.Milliseconds()
	stream.send(a)
	defer time.AfterFunc(p.held+p.ending, cancel).Stop()
	if r := stream.results(1)[1]; r.GetUnknown() == nil && r.GetRetry() == nil {
		t.Fatalf("after timeout_ms: %v, want unknown or retry", r)
	}
	return done
}

func answersWhileWorking(t T, p *Plan, d channel.Description) channel.Text {
	if p.Hold == nil {
		return noHold
	}
	x := start(t, p)
	x.configure(p.Config)
	stream := x.deliver()
	for id := range uint64(d.Concurrency + 2) {
		stream.send(x.withParts(id+1, p.Hold))
	}
	for range 3 {
		x.ping()
	}
	return done
}

func leavesWhenDrained(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	x.doOne()
	x.leave()
	return done
}

func leavesWithParent(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	if err := x.lifeline.Close(); err != nil {
		t.Fatal(err)
	}
	x.wantEnd()
	return done
}

func ignoresTerm(t T, p *Plan, _ channel.Description) channel.Text {
	x := start(t, p)
	x.configure(p.Config)
	x.terminate()
	stream := x.deliver()
	stream.send(x.action(1, 1, 1))
	stream.wantDone(1)
	return done
}
