package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// MailboxOptions configures a Mailbox. Clock is needed.
type MailboxOptions struct {
	Clock Clock
	// Keep is how many mails are kept; the oldest go first. Default: 500.
	Keep int
	// Log takes what goes wrong in conversations. Default: nothing is logged.
	Log *slog.Logger
}

// Mailbox is a mail server that takes every mail for everybody, on this machine
// only, and hands none on. The mails are kept in memory.
type Mailbox struct {
	o        MailboxOptions
	listener net.Listener
	server   *smtp.Server

	mu       sync.Mutex
	mails    []*Mail // the oldest first
	taken    int     // so far, those that are gone included
	watchers watchers[*Mail]
	changed  chan struct{} // closed and replaced when a mail comes
}

// Bounds of one conversation.
const (
	maxMail       = 10 << 20
	maxRecipients = 50
	smtpPatience  = 30 * time.Second
)

// NewMailbox opens a mailbox on a free port of this machine.
func NewMailbox(o MailboxOptions) (*Mailbox, error) {
	if o.Clock == nil {
		return nil, errors.New("open a mailbox: it needs a clock")
	}
	if o.Keep <= 0 {
		o.Keep = 500
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a mailbox: %w", err)
	}
	b := &Mailbox{o: o, listener: listener, changed: make(chan struct{})}
	b.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &conversation{box: b}, nil }))
	b.server.Domain = "mailbox.localhost"
	b.server.MaxMessageBytes, b.server.MaxRecipients = maxMail, maxRecipients
	b.server.ReadTimeout, b.server.WriteTimeout = smtpPatience, smtpPatience
	b.server.EnableSMTPUTF8 = true
	b.server.ErrorLog = slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)
	return b, nil
}

// Addr is where it listens, "127.0.0.1:40025".
func (b *Mailbox) Addr() string { return b.listener.Addr().String() }

// Serve takes mails until ctx ends.
func (b *Mailbox) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = b.server.Close() }) // its listeners are closed either way
	defer stop()
	err := b.server.Serve(b.listener)
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("take mails: %w", err)
}

// Close gives the port back when Serve was never called.
func (b *Mailbox) Close() { _ = b.listener.Close() }

// take keeps a mail.
func (b *Mailbox) take(m *Mail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken++
	m.Number = b.taken
	b.mails = append(b.mails, m)
	if over := len(b.mails) - b.o.Keep; over > 0 {
		clear(b.mails[:over])
		b.mails = b.mails[over:]
	}
	close(b.changed)
	b.changed = make(chan struct{})
	if m.Channel == "" {
		b.watchers.tell(m)
	}
}

// onMail calls f with every mail that comes from now on, until the function it
// returns is called. f must not call the mailbox.
func (b *Mailbox) onMail(f func(*Mail)) (forget func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.watchers.add(f)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.watchers.drop(n)
	}
}

// Mails are the mails that are kept, the newest first. They must not be changed.
func (b *Mailbox) Mails() []*Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	mails := make([]*Mail, len(b.mails))
	for i, m := range b.mails {
		mails[len(mails)-1-i] = m
	}
	return mails
}

// Mail is the mail of that number, nil when it is not there any more.
func (b *Mailbox) Mail(number int) *Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := number - (b.taken - len(b.mails)) - 1; i >= 0 && i < len(b.mails) {
		return b.mails[i]
	}
	return nil
}

// Taken is how many mails have come in.
func (b *Mailbox) Taken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken
}

// Wait returns a mail that matches, one that is there or the first that comes.
func (b *Mailbox) Wait(ctx context.Context, matches func(*Mail) bool) (*Mail, error) {
	seen := 0
	for {
		b.mu.Lock()
		fresh := b.mails[min(len(b.mails), max(0, seen-(b.taken-len(b.mails)))):]
		seen = b.taken
		changed := b.changed
		b.mu.Unlock()
		for _, m := range fresh {
			if matches(m) {
				return m, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a mail, after %d others: %w", seen, ctx.Err())
		}
	}
}

// conversation is one client's connection.
type conversation struct {
	box  *Mailbox
	from string
	to   []string
}

// Mail begins a mail.
func (c *conversation) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

// Rcpt adds a recipient; everybody lives here.
func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = append(c.to, to)
	return nil
}

// Data takes the mail.
func (c *conversation) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := parseMail(raw)
	m.At, m.Sender, m.To = c.box.o.Clock.Now(), c.from, append([]string(nil), c.to...)
	c.box.take(m)
	return nil
}

// Reset forgets a mail that was begun.
func (c *conversation) Reset() { c.from, c.to = "", nil }

// Logout ends the conversation.
func (c *conversation) Logout() error { return nil }
