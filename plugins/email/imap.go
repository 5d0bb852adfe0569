package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// What becomes of a mail in the mailbox when what it tells is durable.
const (
	afterKeep   = "keep"
	afterSeen   = "seen"
	afterDelete = "delete"
)

// imapBox is a mailbox that is read over IMAP.
type imapBox struct {
	host, address          string
	user, password, folder string
	tls, after             string
	transport              func(ctx context.Context, network, addr string) (net.Conn, error)
}

// imapMark is how far the mailbox has been read: the last UID, which means
// something under one UIDVALIDITY only.
type imapMark struct {
	Validity uint32 `json:"validity,omitempty"`
	Last     uint32 `json:"last,omitempty"`
}

// imapPatience bounds an exchange with the server.
const imapPatience = 2 * time.Minute

// readIMAP looks into the mailbox time and again, each time over a connection of
// its own: servers end those that do nothing, and a mailbox is looked at twice a
// minute.
func (c *Channel) readIMAP(ctx context.Context, d *desk) error {
	for {
		if err := c.visitIMAP(ctx, d); err != nil {
			return err
		}
		if !pause(ctx, c.settings.intake.poll) {
			return ctx.Err()
		}
	}
}

// visitIMAP takes all mails that are new.
func (c *Channel) visitIMAP(ctx context.Context, d *desk) error {
	box := c.settings.intake.imap
	ctx, cancel := context.WithTimeout(ctx, imapPatience)
	defer cancel()
	client, err := box.connect(ctx, c.settings.roots)
	if err != nil {
		return fmt.Errorf("read the mailbox: %w", err)
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	selected, err := client.Select(box.folder, &imap.SelectOptions{ReadOnly: box.after == afterKeep}).Wait()
	if err != nil {
		return fmt.Errorf("open the folder of the mailbox: %w", sayless(err))
	}
	mark := d.imapMark()
	if mark.Validity != selected.UIDValidity {
		mark = imapMark{Validity: selected.UIDValidity}
	}
	uids, err := newUIDs(client, mark)
	if err != nil {
		return err
	}
	for _, uid := range uids {
		if err := c.takeIMAP(ctx, d, client, uid, mark.Validity); err != nil {
			return err
		}
	}
	return sayless(client.Logout().Wait())
}

// newUIDs are those behind the mark, in their order.
func newUIDs(client *imapclient.Client, mark imapMark) ([]imap.UID, error) {
	set := imap.UIDSet{}
	set.AddRange(imap.UID(mark.Last+1), 0)
	found, err := client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{set}}, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("look for new mails: %w", sayless(err))
	}
	var uids []imap.UID
	for _, uid := range found.AllUIDs() {
		if uint32(uid) > mark.Last { // "5:*" names the last mail even where there is no fifth
			uids = append(uids, uid)
		}
	}
	return uids, nil
}

// takeIMAP takes one mail; what becomes of it in the mailbox comes after what it
// tells is durable.
func (c *Channel) takeIMAP(ctx context.Context, d *desk, client *imapclient.Client, uid imap.UID, validity uint32) error {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Offset: 0, Size: maxMail}}
	messages, err := client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return fmt.Errorf("fetch a mail: %w", sayless(err))
	}
	var facts []channel.Fact
	for _, m := range messages {
		for _, part := range m.BodySection {
			facts = append(facts, c.factsOf(part.Bytes)...)
		}
	}
	err = d.accept(ctx, facts, func(m *marks) { m.IMAP = imapMark{validity, uint32(uid)} })
	if err != nil {
		return err
	}
	return c.settings.intake.imap.finish(client, uid)
}

// finish does with a mail that was taken what the settings say.
func (b *imapBox) finish(client *imapclient.Client, uid imap.UID) error {
	flag := map[string]imap.Flag{afterSeen: imap.FlagSeen, afterDelete: imap.FlagDeleted}[b.after]
	if flag == "" {
		return nil
	}
	one := imap.UIDSetNum(uid)
	err := client.Store(one, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
	if err == nil && flag == imap.FlagDeleted && client.Caps().Has(imap.CapUIDPlus) {
		err = client.UIDExpunge(one).Close()
	}
	if err != nil {
		return fmt.Errorf("mark a mail that was taken: %w", sayless(err))
	}
	return nil
}

// connect connects and signs in.
func (b *imapBox) connect(ctx context.Context, roots *x509.CertPool) (*imapclient.Client, error) {
	raw, err := b.transport(ctx, "tcp", b.address)
	if err != nil {
		return nil, err
	}
	secure := &tls.Config{ServerName: b.host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	var client *imapclient.Client
	switch b.tls {
	case tlsFull:
		secured := tls.Client(raw, secure)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		client = imapclient.New(secured, nil)
	case tlsStart:
		if client, err = imapclient.NewStartTLS(raw, &imapclient.Options{TLSConfig: secure}); err != nil {
			_ = raw.Close()
			return nil, sayless(err)
		}
	default:
		client = imapclient.New(raw, nil)
	}
	if err := client.Login(b.user, b.password).Wait(); err != nil {
		_ = client.Close()
		return nil, fmt.Errorf("sign in: %w", sayless(err))
	}
	return client, nil
}

// sayless is an error without what a server may repeat of addresses.
func sayless(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(said(err))
}
