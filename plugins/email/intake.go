package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// intake are the ways in which mails come back.
type intake struct {
	maildir string
	imap    *imapBox
	secret  string // of posted mails
	poll    time.Duration
}

// minSecret is how long the secret of posted mails is at least.
const minSecret = 16

func intakeConfig() []channel.Attribute {
	return []channel.Attribute{
		{Name: "maildir", Type: channel.TypeText, Summary: channel.Text{
			En: "Maildir folder that is read for what comes back", Ja: "戻ってきたメールを読む Maildir のフォルダー",
		}},
		{
			Name: "imap", Type: channel.TypeBlock,
			Summary: channel.Text{En: "mailbox that is read for what comes back", Ja: "戻ってきたメールを読む IMAP のメールボックス"},
			Attributes: []channel.Attribute{
				{Name: "host", Type: channel.TypeText, Required: true, Summary: channel.Text{
					En: `server and port, "imap.example.com:993"`, Ja: "サーバーとポート。「imap.example.com:993」",
				}},
				{Name: "user", Type: channel.TypeText, Required: true, Summary: channel.Text{En: "name to sign in with", Ja: "ログイン名"}},
				{Name: "password", Type: channel.TypeText, Required: true, Sensitive: true, Summary: channel.Text{En: "password", Ja: "パスワード"}},
				{Name: "folder", Type: channel.TypeText, Default: "INBOX", Summary: channel.Text{En: "folder", Ja: "フォルダー"}},
				{Name: "tls", Type: channel.TypeText, Choices: []string{tlsStart, tlsFull, tlsNone}, Summary: channel.Text{
					En: `how the line is secured; "starttls" on port 143, else "tls"`, Ja: "回線の暗号化。143 番は starttls、ほかは tls が既定",
				}},
				{Name: "after", Type: channel.TypeText, Default: afterKeep, Choices: []string{afterKeep, afterSeen, afterDelete}, Summary: channel.Text{
					En: "what becomes of a mail that was taken", Ja: "読み取ったメールをどうするか",
				}},
			},
		},
		{Name: "poll", Type: channel.TypeDuration, Default: "30s", Summary: channel.Text{
			En: "how often maildir and imap are looked at", Ja: "maildir と imap を見る間隔",
		}},
		{Name: "intake_secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: "secret with which raw mails are posted to /v1/in/CHANNEL", Ja: "/v1/in/チャネル名 に生のメールを送るときの秘密の値",
		}},
	}
}

func (in *intake) read(cfg channel.Config) channel.Diagnostics {
	var ds channel.Diagnostics
	in.maildir, in.secret, in.poll = cfg.Text("maildir"), cfg.Text("intake_secret"), max(cfg.Duration("poll"), 100*time.Millisecond)
	if in.maildir != "" {
		if info, err := os.Stat(filepath.Join(in.maildir, "new")); err != nil || !info.IsDir() {
			ds = append(ds, channel.Wrong("maildir",
				channel.Text{En: "Not a Maildir", Ja: "Maildir ではありません"},
				channel.Text{
					En: fmt.Sprintf("%s has no folder new that can be read; give the folder in which cur, new and tmp are", in.maildir),
					Ja: fmt.Sprintf("%s に読める new フォルダーがありません。cur・new・tmp のあるフォルダーを書きます", in.maildir),
				}))
		}
	}
	if in.secret != "" && len(in.secret) < minSecret {
		ds = append(ds, channel.Wrong("intake_secret",
			channel.Text{En: "Secret too short", Ja: "秘密の値が短すぎます"},
			channel.Text{
				En: fmt.Sprintf("write at least %d characters, for example what `openssl rand -hex 32` prints", minSecret),
				Ja: fmt.Sprintf("%d 文字以上で書きます（例: openssl rand -hex 32 の出力）", minSecret),
			}))
	}
	if cfg.Has("imap") {
		box, more := readIMAP(cfg)
		in.imap, ds = box, append(ds, more...)
	}
	return ds
}

func readIMAP(cfg channel.Config) (*imapBox, channel.Diagnostics) {
	box := &imapBox{
		user: cfg.Text("imap.user"), password: cfg.Text("imap.password"), folder: cfg.Text("imap.folder"),
		tls: cfg.Text("imap.tls"), after: cfg.Text("imap.after"), transport: (&net.Dialer{}).DialContext,
	}
	wrong := func(path, en, ja, moreEn, moreJa string) (*imapBox, channel.Diagnostics) {
		return nil, channel.Diagnostics{channel.Wrong(path, channel.Text{En: en, Ja: ja}, channel.Text{En: moreEn, Ja: moreJa})}
	}
	host, port, err := net.SplitHostPort(cfg.Text("imap.host"))
	if err != nil {
		host, port = cfg.Text("imap.host"), "993"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, " /@\r\n") {
		return wrong("imap.host", "Not a server", "サーバー名ではありません", `write "imap.example.com:993"`, "「imap.example.com:993」の形で書きます")
	}
	box.host, box.address = host, net.JoinHostPort(host, port)
	if box.tls == "" {
		box.tls = tlsFull
		if port == "143" {
			box.tls = tlsStart
		}
	}
	if box.tls == tlsNone && !cfg.Flag("allow_plain") && !isLoopback(host) {
		return wrong("imap.tls", "Open line to another machine", "暗号化なしで他のマシンにつなぐ設定です",
			`tls = "none" is for this machine only; use "starttls" or "tls", or say allow_plain = true if the line is safe`,
			`tls = "none" はこのマシン宛てだけに使えます。"starttls" か "tls" にするか、安全な回線なら allow_plain = true と書きます`)
	}
	return box, nil
}

// Listen takes what comes back, from all places that are set up, until ctx ends.
func (c *Channel) Listen(ctx context.Context, in channel.Inbox) error {
	s := &c.settings
	places := []func(context.Context, *desk) error{}
	if s.intake.maildir != "" {
		places = append(places, c.readMaildir)
	}
	if s.intake.imap != nil {
		places = append(places, c.readIMAP)
	}
	if len(places) == 0 {
		<-ctx.Done()
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d := newDesk(in)
	ended := make(chan error, len(places))
	for _, read := range places {
		go func() { ended <- read(ctx, d) }()
	}
	var first error
	for range places {
		err := <-ended
		if first == nil && !errors.Is(err, context.Canceled) {
			first = err
		}
		cancel() // one that fails ends the other: the host begins anew with both
	}
	return first
}

// desk is the inbox, shared by the places that are read. Its cursor is one for all.
type desk struct {
	inbox channel.Inbox

	mu    sync.Mutex
	marks marks
}

// marks are how far each place has been read.
type marks struct {
	IMAP imapMark `json:"imap,omitzero"`
}

func newDesk(in channel.Inbox) *desk {
	d := &desk{inbox: in}
	_ = json.Unmarshal([]byte(in.Cursor()), &d.marks) // one that cannot be read is none
	return d
}

func (d *desk) imapMark() imapMark {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.marks.IMAP
}

// accept makes facts durable, and then the mark that change sets.
func (d *desk) accept(ctx context.Context, facts []channel.Fact, change func(*marks)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := d.marks
	if change != nil {
		change(&next)
	}
	if len(facts) == 0 && next == d.marks {
		return nil
	}
	cursor, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	if err := d.inbox.Accept(ctx, facts, string(cursor)); err != nil {
		return err
	}
	d.marks = next
	return nil
}

// pause waits until the place is to be looked at again, false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
