package channeltest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// What a plugin tells of its service: a Listener asks, a Receiver is called.

var (
	noListener = channel.Text{En: "the plugin does not listen", Ja: "サービスに問い合わせて受け取るプラグインではありません"}
	noReceiver = channel.Text{En: "the plugin receives no requests", Ja: "HTTP で受け取るプラグインではありません"}
	noNews     = channel.Text{En: "the plan does not say what the service tells", Ja: "サービスが知らせる内容が計画にありません"}
	noCall     = channel.Text{En: "the plan has no request of the service", Ja: "サービスからのリクエストが計画にありません"}
)

// listening is a Listen stream.
type listening struct {
	channelv1.ChannelService_ListenClient
	x   *process
	ctx context.Context
	cut context.CancelFunc // ends ctx, and the stream with it
}

// listen begins to listen from a cursor.
func (x *process) listen(cursor string) *listening {
	x.t.Helper()
	l := x.openListen()
	l.say(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Start{Start: &channelv1.ListenStart{Cursor: cursor}}})
	return l
}

func (x *process) openListen() *listening {
	x.t.Helper()
	ctx, cut := context.WithCancel(x.ctx)
	x.t.Cleanup(cut)
	stream, err := x.client.Listen(ctx)
	if err != nil {
		x.t.Fatal(err)
	}
	return &listening{stream, x, ctx, cut}
}

func (l *listening) say(msg *channelv1.ListenRequest) {
	l.x.t.Helper()
	if err := l.Send(msg); err != nil {
		l.x.t.Fatalf("the listening ended: %v", err)
	}
}

func (l *listening) answer(batch uint64, accepted bool) {
	l.x.t.Helper()
	a := &channelv1.ListenAnswer{Batch: batch, Accepted: accepted}
	if !accepted {
		a.Detail = "the disk is full"
	}
	l.say(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Answer{Answer: a}})
}

// news waits for the next batch with facts in it; what only moves the cursor is
// accepted.
func (l *listening) news(d *channel.Description) *channelv1.ListenResponse {
	l.x.t.Helper()
	for {
		msg, err := l.Recv()
		if err != nil {
			l.x.t.Fatalf("the plugin told nothing: %v%s", err, wrote(l.x.stderr.String()))
		}
		if msg.Batch == 0 {
			l.x.t.Fatalf("a batch has no number")
		}
		if len(msg.Facts) > 0 {
			wantSound(l.x.t, d, msg.Facts)
			return msg
		}
		l.answer(msg.Batch, true)
	}
}

// wantSound sees that facts have what every fact needs.
func wantSound(t T, d *channel.Description, facts []*channelv1.Fact) {
	t.Helper()
	for _, f := range facts {
		switch {
		case f.Id == "":
			t.Fatalf("a fact of %s has no id: it could not be told from its repetition", f.Event)
		case !slices.ContainsFunc(d.Events, func(e channel.Event) bool { return e.Name == f.Event }):
			t.Fatalf("the description declares no event %q", f.Event)
		case f.Token+f.Action+f.Lead+f.User+f.Email == "" && (f.Attribute == "" || f.Value == ""):
			t.Fatalf("the fact %s is about nobody: it needs a token, an action, a lead, a user, an email, or attribute and value", f.Event)
		}
	}
}

func idsOf(facts []*channelv1.Fact) string {
	var ids []string
	for _, f := range facts {
		ids = append(ids, f.Id)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ")
}

// bringsAgain sees that what was not kept is brought again under the same ids, from
// the cursor that was; and that what was kept is not.
func bringsAgain(t T, p *Plan, d channel.Description) channel.Text {
	if why := hears(p, d); why.En != "" {
		return why
	}
	x := start(t, p)
	x.configure(p.Config)
	early := x.openListen()
	early.say(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Start{Start: &channelv1.ListenStart{}}})
	first := early.news(&d)
	early.answer(first.Batch, false)
	x.kill()

	x = start(t, p)
	x.configure(p.Config)
	l := x.listen("")
	again := l.news(&d)
	if got, want := idsOf(again.Facts), idsOf(first.Facts); got != want {
		t.Fatalf("the same facts came as %s and, after they were not kept, as %s: a fact has one id for ever", want, got)
	}
	if again.Cursor == "" {
		t.Fatal("the batch has no cursor: after a restart everything would come again")
	}
	l.answer(again.Batch, true)
	x.kill()

	x = start(t, p)
	x.configure(p.Config)
	if late := x.listen(again.Cursor).more(); late != nil {
		t.Fatalf("from the cursor %q it brought %s, which had been kept", again.Cursor, idsOf(late.Facts))
	}
	return done
}

// more waits a moment for further news, then hangs up. It is nil where there are
// none, as there should be.
func (l *listening) more() *channelv1.ListenResponse {
	l.x.t.Helper()
	came := make(chan *channelv1.ListenResponse, 1)
	go func() {
		defer close(came)
		for {
			msg, err := l.Recv()
			if err != nil || len(msg.Facts) > 0 {
				came <- msg
				return
			}
		}
	}()
	select {
	case msg := <-came:
		return msg
	case <-time.After(l.x.plan.watched):
	}
	defer time.AfterFunc(l.x.plan.ending, l.cut).Stop()
	if err := l.CloseSend(); err != nil {
		l.x.t.Fatal(err)
	}
	return <-came
}

// quiet hangs up and gives what the plugin still told, nil for nothing. The plugin
// must end its side.
func (l *listening) quiet() *channelv1.ListenResponse {
	l.x.t.Helper()
	l.x.ping()
	defer time.AfterFunc(l.x.plan.ending, l.cut).Stop()
	if err := l.CloseSend(); err != nil {
		l.x.t.Fatal(err)
	}
	for {
		msg, err := l.Recv()
		switch {
		case err != nil:
			if l.ctx.Err() != nil {
				l.x.t.Fatal("it listens on though nobody listens to it any more")
			}
			return nil
		case len(msg.Facts) > 0:
			return msg
		}
	}
}

func hears(p *Plan, d channel.Description) channel.Text {
	switch {
	case !d.Listens:
		return noListener
	case !p.News:
		return noNews
	}
	return done
}

// wantsConfigToListen sees that nobody listens without settings.
func wantsConfigToListen(t T, p *Plan, d channel.Description) channel.Text {
	if !d.Listens && !d.Receives {
		return noListener
	}
	x := start(t, p)
	if d.Listens {
		l := x.openListen()
		_ = l.Send(&channelv1.ListenRequest{What: &channelv1.ListenRequest_Start{Start: &channelv1.ListenStart{}}}) // it may have ended it
		if _, err := l.Recv(); status.Code(err) != codes.FailedPrecondition {
			t.Fatalf("Listen before Configure: %v, want %s", err, codes.FailedPrecondition)
		}
	}
	if d.Receives {
		if _, err := x.client.Receive(x.ctx, &channelv1.ReceiveRequest{Method: http.MethodPost}); status.Code(err) != codes.FailedPrecondition {
			t.Fatalf("Receive before Configure: %v, want %s", err, codes.FailedPrecondition)
		}
	}
	return done
}

// stopsListening sees that a plugin ends its listening with the host's, works on,
// and listens again.
func stopsListening(t T, p *Plan, d channel.Description) channel.Text {
	if why := hears(p, d); why.En != "" {
		return why
	}
	x := start(t, p)
	x.configure(p.Config)
	for range 2 {
		l := x.listen("")
		l.answer(l.news(&d).Batch, true)
		l.quiet()
	}
	x.doOne()
	return done
}

// believesTheServiceOnly calls the plugin as its service does, and as anybody may.
func believesTheServiceOnly(t T, p *Plan, d channel.Description) channel.Text {
	switch {
	case !d.Receives:
		return noReceiver
	case p.Call == nil:
		return noCall
	}
	x := start(t, p)
	x.configure(p.Config)
	call := p.Call()
	bare, altered := wireCall(call), wireCall(call)
	bare.Headers = nil
	altered.Body = append(slices.Clone(altered.Body), ' ')
	for why, forged := range map[string]*channelv1.ReceiveRequest{
		"without its headers": bare, "with another body": altered, "empty": {Method: http.MethodPost},
	} {
		answer, err := x.client.Receive(x.ctx, forged)
		if err != nil {
			t.Fatalf("a request %s: %v; it is refused with a status of HTTP", why, err)
		}
		if answer.Status < 400 || answer.Status > 499 || len(answer.Facts) > 0 {
			t.Fatalf("a request %s was answered %d with %d facts: anybody may call, only the service may be believed", why, answer.Status, len(answer.Facts))
		}
	}
	var ids string
	for n := range 2 {
		answer, err := x.client.Receive(x.ctx, wireCall(call))
		if err != nil {
			t.Fatalf("the service's request: %v", err)
		}
		if answer.Status != 0 && answer.Status/100 != 2 || len(answer.Facts) == 0 {
			t.Fatalf("the service's request was answered %d with %d facts: %.200s", answer.Status, len(answer.Facts), answer.Body)
		}
		wantSound(t, &d, answer.Facts)
		if got := idsOf(answer.Facts); n > 0 && got != ids {
			t.Fatalf("the same request gave the facts %s and then %s: a fact has one id for ever", ids, got)
		}
		ids = idsOf(answer.Facts)
	}
	return done
}

func wireCall(h channel.HTTPRequest) *channelv1.ReceiveRequest {
	r := &channelv1.ReceiveRequest{Method: h.Method, Path: h.Path, Url: h.URL, Body: h.Body}
	for name, lines := range h.Header {
		for _, value := range lines {
			r.Headers = append(r.Headers, &channelv1.Header{Name: name, Value: value})
		}
	}
	return r
}
