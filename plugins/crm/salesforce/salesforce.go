// Package salesforce is the channel to Salesforce: a lead is a Lead, a toss-up is
// its owner and a Task with the reasons, an activity is a Task or a campaign's
// member. It speaks the published REST API: upsert by external id, Composite for
// what belongs together, SOQL to read back what became of it.
//
// The organisation needs three custom fields, whose names the config may change:
// on Lead an external id for our lead and a text for the last hand-over, on
// Activity an external id for the order's key. With them Salesforce itself makes
// each record once.
package salesforce

import (
	"context"
	"regexp"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Channel writes to one organisation.
type Channel struct {
	now    func() time.Time
	client *crm.Client
	config settings
	budget crm.Budget

	mu    sync.Mutex
	token string            // "" until one was granted
	ids   map[string]string // of owners and campaigns, by what the workspace calls them
}

// settings are what the config says.
type settings struct {
	token, clientID, clientSecret string
	version                       string
	leadField, keyField, handOver string
	status                        string
	accepted, rejected            []string
	reasonField                   string
	owners, fields                map[string]string
	poll                          time.Duration
	reserve                       float64
	outboundSecret, organisation  string
}

// New makes a Salesforce channel; now is its clock, nil the system's.
func New(now func() time.Time) *Channel {
	if now == nil {
		now = time.Now
	}
	return &Channel{now: now, ids: map[string]string{}}
}

var (
	_ channel.Listener = (*Channel)(nil)
	_ channel.Receiver = (*Channel)(nil)
	_ channel.Checker  = (*Channel)(nil)
	_ channel.Closer   = (*Channel)(nil)
)

const concurrency = 8

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "salesforce", Version: "1.0.0",
		Summary: channel.Text{En: "Salesforce: leads, tasks, campaign members", Ja: "Salesforce。リード、ToDo、キャンペーンメンバー"},
		Reach:   channel.ReachesStaff, Keyed: true,
		Concurrency: concurrency,
		Timeout:     channel.Seconds(90 * time.Second),
		Config:      append(attributes(), crm.Shared("5m")...),
		Steps:       []channel.Step{crm.Step()},
		Events:      crm.Events(),
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
	secret := func(a channel.Attribute) channel.Attribute {
		a.Sensitive = true
		return a
	}
	instance := text("instance", "", `address of the organisation, "https://acme.my.salesforce.com"`, "組織のアドレス「https://acme.my.salesforce.com」")
	instance.Required = true
	return []channel.Attribute{
		instance,
		secret(text("token", "", "access token; or client_id and client_secret", "アクセストークン。または client_id と client_secret")),
		text("client_id", "", "consumer key of a connected app with the client credentials flow", "クライアントログイン情報フローの接続アプリのコンシューマー鍵"),
		secret(text("client_secret", "", "consumer secret of the connected app", "接続アプリのコンシューマーの秘密")),
		text("version", "61.0", "version of the API", "API のバージョン"),
		text("lead_field", "Nurture_Lead__c", "external id on Lead that holds our lead's id", "リードの外部 ID 項目（nurture のリード ID）"),
		text("hand_over_field", "Nurture_Hand_Over__c", "text on Lead that holds the last hand-over", "最後のトスアップを入れるリードのテキスト項目"),
		text("key_field", "Nurture_Key__c", "external id on Activity that holds the order's key", "活動の外部 ID 項目（アクションのキー）"),
		text("status", "Open - Not Contacted", "status of a lead that is handed over", "トスアップしたリードの状況"),
		{
			Name: "accepted", Type: channel.TypeList,
			Summary: channel.Text{
				En: `statuses that say yes; without it "Working - Contacted"`, Ja: "受け入れを示す状況。なければ「Working - Contacted」",
			},
		},
		{
			Name: "rejected", Type: channel.TypeList,
			Summary: channel.Text{
				En: `statuses that say no; without it "Closed - Not Converted"`, Ja: "差し戻しを示す状況。なければ「Closed - Not Converted」",
			},
		},
		text("reason_field", "", "field of Lead that says why it was sent back; the status by default", "差し戻しの理由の項目。なければ状況を使う"),
		secret(text("outbound_secret", "", "last part of the address that outbound messages are sent to", "アウトバウンドメッセージの宛先 URL の最後の部分")),
		text("organization", "", "id of the organisation that outbound messages must come from", "アウトバウンドメッセージを送る組織の ID"),
		crm.Reserve(),
	}
}

// Configure understands the settings. It connects to nobody.
func (c *Channel) Configure(_ context.Context, cfg channel.Config) error {
	base, ds := crm.ReadBase("instance", cfg.Text("instance"), "https://acme.my.salesforce.com")
	c.config = settings{
		token: cfg.Text("token"), clientID: cfg.Text("client_id"), clientSecret: cfg.Text("client_secret"),
		version:   cfg.Text("version"),
		leadField: cfg.Text("lead_field"), keyField: cfg.Text("key_field"), handOver: cfg.Text("hand_over_field"),
		status: cfg.Text("status"), accepted: cfg.List("accepted"), rejected: cfg.List("rejected"), reasonField: cfg.Text("reason_field"),
		owners: cfg.Map("owners"), fields: cfg.Map("fields"), poll: cfg.Duration("poll"), reserve: cfg.Number("reserve"),
		outboundSecret: cfg.Text("outbound_secret"), organisation: cfg.Text("organization"),
	}
	if len(c.config.accepted) == 0 {
		c.config.accepted = []string{"Working - Contacted"}
	}
	if len(c.config.rejected) == 0 {
		c.config.rejected = []string{"Closed - Not Converted"}
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

var (
	isField   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	isVersion = regexp.MustCompile(`^[0-9]+\.[0-9]$`)
	isSecret  = regexp.MustCompile(`^[A-Za-z0-9_-]{24,}$`)
)

// check looks at what ends up in addresses and queries.
func (s settings) check() channel.Diagnostics {
	ds := crm.CheckReserve(s.reserve)
	wrong := func(path, en, ja, waysEn, waysJa string) {
		ds = append(ds, channel.Wrong(path, channel.Text{En: en, Ja: ja}, channel.Text{En: waysEn, Ja: waysJa}))
	}
	if s.token == "" && (s.clientID == "" || s.clientSecret == "") {
		wrong("token", "No way to sign in", "ログインの方法がありません",
			"write token, or client_id and client_secret", "token か、client_id と client_secret を書きます")
	}
	if !isVersion.MatchString(s.version) {
		wrong("version", "Not a version of the API", "API のバージョンではありません", `write "61.0"`, "「61.0」の形で書きます")
	}
	for path, field := range map[string]string{"lead_field": s.leadField, "key_field": s.keyField, "hand_over_field": s.handOver, "reason_field": s.reasonField} {
		if !isField.MatchString(field) && !(path == "reason_field" && field == "") {
			wrong(path, "Not the name of a field", "項目名ではありません", `write its API name, "Nurture_Lead__c"`, "API 参照名「Nurture_Lead__c」を書きます")
		}
	}
	if s.outboundSecret != "" && !isSecret.MatchString(s.outboundSecret) {
		wrong("outbound_secret", "Too easy to guess", "推測されやすい値です",
			"write at least 24 letters and digits that nobody can guess", "推測できない英数字を 24 文字以上書きます")
	}
	return ds
}

// Check asks Salesforce whether it lets us in.
func (c *Channel) Check(ctx context.Context) error {
	_, err := c.get(ctx, c.data("/limits"), nil, nil)
	return err
}

// Close lets go of idle connections.
func (c *Channel) Close() error {
	if c.client != nil {
		c.client.Close()
	}
	return nil
}

// data is a path of the REST API.
func (c *Channel) data(path string) string { return "/services/data/v" + c.config.version + path }
