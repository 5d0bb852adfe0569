// Package hubspot is the channel to HubSpot: a lead is a contact, a toss-up is a
// deal with the reasons, an activity is a note or a task, a campaign is a static
// list. It speaks the published CRM API v3: batch upsert by a unique property,
// search and batch read with history for what became of it, webhooks with
// HubSpot's signature.
//
// The account needs four custom properties, whose names the config may change: a
// unique one on contacts for our lead's id, a unique one on deals, notes and tasks
// for the order's key, and a text on deals for the hand-over. With them HubSpot
// itself makes each record once.
package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Channel writes to one account.
type Channel struct {
	now    func() time.Time
	client *crm.Client
	config settings
	budget crm.Budget

	mu  sync.Mutex
	ids map[string]string // of owners and lists, by what the workspace calls them
}

// settings are what the config says.
type settings struct {
	token, clientSecret, webhookURL string
	leadField, keyField, handOver   string
	pipeline, stage                 string
	accepted, rejected, opportunity []string
	won, lost                       []string
	owners, fields                  map[string]string
	poll                            time.Duration
	reserve                         float64
}

// New makes a HubSpot channel; now is its clock, nil the system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now, ids: map[string]string{}}
}

var (
	_ channel.BatchDoer = (*Channel)(nil)
	_ channel.Listener  = (*Channel)(nil)
	_ channel.Receiver  = (*Channel)(nil)
	_ channel.Checker   = (*Channel)(nil)
	_ channel.Closer    = (*Channel)(nil)
)

const (
	concurrency = 2
	// batchMax is how many orders go together; HubSpot takes 100 records at once.
	batchMax = 50
)

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "hubspot", Version: "1.0.0",
		Summary: channel.Text{En: "HubSpot: contacts, deals, notes, tasks, lists", Ja: "HubSpot。コンタクト、取引、メモ、タスク、リスト"},
		Reach:   channel.ReachesStaff, Keyed: true,
		Concurrency: concurrency, BatchMax: batchMax,
		Timeout: channel.Seconds(90 * time.Second),
		Config:  append(attributes(), crm.Shared("5m")...),
		Steps:   []channel.Step{crm.Step()},
		Events:  crm.Events(),
	}
}

func attributes() []channel.Attribute {
	text := func(name, fallback, en, ja string) channel.Attribute {
		a := channel.Attribute{Name: name, Type: channel.TypeText, Summary: channel.Text{En: en, Ja: ja}}
		if fallback != "" {
			a.Default = fallback
		}
		return a
	}
	list := func(name, en, ja string) channel.Attribute {
		return channel.Attribute{Name: name, Type: channel.TypeList, Summary: channel.Text{En: en, Ja: ja}}
	}
	token := text("token", "", "access token of a private app", "非公開アプリのアクセストークン")
	token.Required, token.Sensitive = true, true
	secret := text("client_secret", "", "client secret of the app, for the signature of webhooks", "Webhook の署名を確かめるアプリのクライアントシークレット")
	secret.Sensitive = true
	return []channel.Attribute{
		token, secret,
		text("webhook_url", "", "address that HubSpot calls, where a proxy changes it", "プロキシで変わる場合に、HubSpot が呼ぶ URL"),
		text("url", "https://api.hubapi.com", "address of the API", "API のアドレス"),
		text("lead_property", "nurture_lead", "unique property of contacts that holds our lead's id", "コンタクトの一意のプロパティ（nurture のリード ID）"),
		text("key_property", "nurture_key", "unique property of deals, notes and tasks that holds the order's key", "取引・メモ・タスクの一意のプロパティ（アクションのキー）"),
		text("hand_over_property", "nurture_hand_over", "text property of deals that holds the hand-over", "取引のテキストプロパティ（トスアップ）"),
		text("pipeline", "default", "pipeline of the deals", "取引のパイプライン"),
		text("stage", "appointmentscheduled", "stage in which a toss-up begins", "トスアップを置くステージ"),
		list("accepted", "stages that say yes, before it is an opportunity", "受け入れを示すステージ（商談になる前）"),
		list("rejected", "stages that say no", "差し戻しを示すステージ"),
		list("opportunity", "stages of an opportunity; without it those of HubSpot's own pipeline", "商談のステージ。なければ HubSpot 標準のもの"),
		list("won", `stages that are won; without it "closedwon"`, "受注のステージ。なければ「closedwon」"),
		list("lost", `stages that are lost; without it "closedlost"`, "失注のステージ。なければ「closedlost」"),
		crm.Reserve(),
	}
}

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	base, ds := crm.ReadBase("url", cfg.Text("url"), "https://api.hubapi.com")
	or := func(list []string, otherwise ...string) []string {
		if len(list) == 0 {
			return otherwise
		}
		return list
	}
	c.config = settings{
		token: cfg.Text("token"), clientSecret: cfg.Text("client_secret"), webhookURL: cfg.Text("webhook_url"),
		leadField: cfg.Text("lead_property"), keyField: cfg.Text("key_property"), handOver: cfg.Text("hand_over_property"),
		pipeline: cfg.Text("pipeline"), stage: cfg.Text("stage"),
		accepted: cfg.List("accepted"), rejected: cfg.List("rejected"),
		opportunity: or(cfg.List("opportunity"), "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent"),
		won:         or(cfg.List("won"), "closedwon"), lost: or(cfg.List("lost"), "closedlost"),
		owners: cfg.Map("owners"), fields: cfg.Map("fields"), poll: cfg.Duration("poll"), reserve: cfg.Number("reserve"),
	}
	ds = append(ds, c.config.check()...)
	if ds.Failed() {
		return ds
	}
	c.client = crm.NewClient(base, cfg.Duration("timeout"), concurrency+1, c.now)
	if len(ds) > 0 {
		return ds
	}
	return nil
}

var isProperty = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (s settings) check() channel.Diagnostics {
	ds := crm.CheckReserve(s.reserve)
	for path, name := range map[string]string{"lead_property": s.leadField, "key_property": s.keyField, "hand_over_property": s.handOver} {
		if !isProperty.MatchString(name) {
			ds = append(ds, channel.Wrong(path,
				channel.Text{En: "Not the name of a property", Ja: "プロパティ名ではありません"},
				channel.Text{En: `write its internal name, "nurture_lead"`, Ja: "内部名「nurture_lead」を書きます"}))
		}
	}
	if u, err := url.Parse(s.webhookURL); s.webhookURL != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		ds = append(ds, channel.Wrong("webhook_url",
			channel.Text{En: "Not an address", Ja: "アドレスではありません"},
			channel.Text{En: `write "https://nurture.example.com/v1/in/crm"`, Ja: "「https://nurture.example.com/v1/in/crm」の形で書きます"}))
	}
	return ds
}

// Check asks HubSpot whether it lets us in.
func (c *Channel) Check(ctx context.Context) error {
	return c.send(ctx, http.MethodGet, "/crm/v3/objects/contacts", url.Values{"limit": {"1"}}, nil, nil)
}

// Close lets go of idle connections.
func (c *Channel) Close() error {
	if c.client != nil {
		c.client.Close()
	}
	return nil
}
