// Package tryton is the channel to a Tryton server, from 6.0 on, with the module
// sale_opportunity: a lead is a party, a toss-up is an opportunity, what happens
// besides is a note. It speaks Tryton's JSON-RPC.
//
// Tryton honours no keys, so the channel looks before it writes: a party stands
// under a code made of the lead's id, which Tryton keeps unique; an opportunity
// and a note carry the order's key and are searched by it. One thing is left that
// searching cannot see: a create of a process that died while Tryton was still at
// it. After each create the channel therefore looks again, and removes what came
// twice and was not touched by anybody; the listener does so once more, later.
package tryton

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Channel writes to one database of one Tryton server.
type Channel struct {
	now    func() time.Time
	client *crm.Client
	path   string // of the database
	user   string
	pass   string
	config settings

	mu      sync.Mutex
	session *session         // nil: sign in first
	staff   map[string]int64 // employees by what the workspace calls them
	swept   time.Time        // when the listener last looked for what came twice
}

// settings are what the config says besides where to sign in.
type settings struct {
	prefix  string // of the parties' codes
	company int64  // 0: the user's
	byEmail bool
	owners  map[string]string
	fields  map[string]string
	poll    time.Duration
}

// New makes a Tryton channel; now is its clock, nil the system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now, staff: map[string]int64{}}
}

var (
	_ channel.Listener = (*Channel)(nil)
	_ channel.Checker  = (*Channel)(nil)
	_ channel.Closer   = (*Channel)(nil)
)

// concurrency is how many orders are under way at the same time. More would only
// make each slower: Tryton writes one transaction after the other.
const concurrency = 4

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	config := []channel.Attribute{
		{Name: "url", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: `address of the server, "https://tryton.example.com"`, Ja: "サーバーのアドレス「https://tryton.example.com」",
		}},
		{Name: "database", Type: channel.TypeText, Required: true, Summary: channel.Text{En: "name of the database", Ja: "データベース名"}},
		{Name: "user", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: "user to sign in with; one of its own for this channel", Ja: "ログインするユーザー（このチャネル専用のもの）",
		}},
		{Name: "password", Type: channel.TypeText, Required: true, Sensitive: true, Summary: channel.Text{
			En: "password to sign in with", Ja: "パスワード",
		}},
		{Name: "company", Type: channel.TypeNumber, Summary: channel.Text{
			En: "number of the company; that of the user by default", Ja: "会社の番号。既定はユーザーの会社",
		}},
		{Name: "code_prefix", Type: channel.TypeText, Default: "N-", Summary: channel.Text{
			En: "beginning of the codes of parties that this channel makes", Ja: "このチャネルが作る取引先コードの接頭辞",
		}},
		{Name: "match", Type: channel.TypeText, Default: "lead", Choices: []string{"lead", "email"}, Summary: channel.Text{
			En: `"email" takes a party that has the lead's address before it makes one`, Ja: "「email」なら、同じアドレスの取引先があればそれを使う",
		}},
	}
	return channel.Description{
		Name: "tryton", Version: "1.0.0",
		Summary: channel.Text{En: "Tryton: leads become parties, toss-ups opportunities", Ja: "Tryton。リードを取引先に、トスアップを商談に"},
		Reach:   channel.ReachesStaff, Keyed: true,
		Concurrency: concurrency,
		Timeout:     channel.Seconds(2 * time.Minute),
		Rate:        "10 per second",
		Config:      append(config, crm.Shared("1m")...),
		Steps:       []channel.Step{crm.Step()},
		Events:      crm.Events(),
	}
}

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	base, ds := crm.ReadBase("url", cfg.Text("url"), "https://tryton.example.com")
	if name := cfg.Text("database"); name == "" || url.PathEscape(name) != name {
		ds = append(ds, channel.Wrong("database",
			channel.Text{En: "Not the name of a database", Ja: "データベース名ではありません"},
			channel.Text{En: `write the name alone, "acme"`, Ja: "「acme」のように名前だけを書きます"}))
	}
	if ds.Failed() {
		return ds
	}
	c.client = crm.NewClient(base, cfg.Duration("timeout"), concurrency+1, c.now)
	c.path = "/" + cfg.Text("database") + "/"
	c.user, c.pass = cfg.Text("user"), cfg.Text("password")
	c.config = settings{
		prefix: cfg.Text("code_prefix"), company: int64(cfg.Number("company")), byEmail: cfg.Text("match") == "email",
		owners: cfg.Map("owners"), fields: cfg.Map("fields"), poll: cfg.Duration("poll"),
	}
	if len(ds) > 0 {
		return ds
	}
	return nil
}

// Check signs in and looks whether opportunities can be read.
func (c *Channel) Check(ctx context.Context) error {
	var n int64
	return c.call(ctx, "model.sale.opportunity.search_count", &n, []any{})
}

// Close lets go of idle connections. Tryton's sessions end by themselves.
func (c *Channel) Close() error {
	if c.client != nil {
		c.client.Close()
	}
	return nil
}
