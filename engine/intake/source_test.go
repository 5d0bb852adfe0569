package intake

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

const arrived = engine.Time(1_792_000_000_000)

func mustPath(t testing.TB, text string) Path {
	t.Helper()
	p, ok := ParsePath(text)
	if !ok {
		t.Fatalf("%q is no path", text)
	}
	return p
}

func TestPaths(t *testing.T) {
	t.Parallel()
	tree, _ := parseTree([]byte(`{"a":{"b":[{"c":"x"},"y"],"d.e":5},"名前":"田中"}`))
	d := &Delivery{Headers: map[string]string{"x-id": "7"}}
	for text, want := range map[string]string{
		"a.b[0].c": "x", "a.b[1]": "y", "a['d.e']": "5", "名前": "田中", "header:X-Id": "7",
		"a.b[2]": "", "a.b.c": "", "a[0]": "", "nothing.there": "",
	} {
		if got := textIn(mustPath(t, text).in(tree, d)); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"", ".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a['b", "a b", "header:", "header:a b", strings.Repeat("a.", 70) + "a"} {
		if _, ok := ParsePath(text); ok {
			t.Errorf("%q is a path", text)
		}
	}
}

// kindIs is a condition on the message's kind.
type kindIs string

func (k kindIs) key() engine.Key {
	return engine.Key{Kind: engine.KeyEvent, Name: PayloadPrefix + "kind"}
}
func (k kindIs) Reads() []engine.Key     { return []engine.Key{k.key()} }
func (k kindIs) Source() string          { return string(k) }
func (k kindIs) Meaning() string         { return string(k) }
func (k kindIs) Place() (p engine.Place) { return p }
func (k kindIs) Holds(v *engine.Vars) (bool, error) {
	return v.Facts[k.key().String()] == string(k), nil
}

func forms(t testing.TB) *Source {
	return &Source{Name: "forms", Kind: Webhook, Maps: []Map{
		{
			Each: mustPath(t, "events"), When: []engine.Cond{kindIs("form")}, Event: "Inquired", Email: mustPath(t, "who.mail"), EmailName: "email",
			Time: mustPath(t, "at"), ID: mustPath(t, "id"),
			Fields: []MapField{
				{Name: "subject", From: mustPath(t, "answers[0]"), Spec: &engine.AttrSpec{Name: "subject", Kind: engine.Text}},
				{Name: "amount", From: mustPath(t, "amount"), Spec: &engine.AttrSpec{Name: "amount", Kind: engine.Number}},
				{Name: "way", Const: engine.TextValue("web")},
			},
			Traits: []MapField{{Name: "company", From: mustPath(t, "who.company")}},
		},
	}}
}

func TestAWebhookIsMapped(t *testing.T) {
	t.Parallel()
	body := `{"events":[
		{"kind":"form","id":"a","at":"2026-10-05T09:00:00Z","who":{"mail":"tanaka@example.jp","company":"ｱｸﾒ"},"answers":["料金"],"amount":"12"},
		{"kind":"form","id":"b","who":{"mail":"sato@example.jp"},"amount":"many"},
		{"kind":"other","id":"c"},
		{"kind":"form","id":"d"},
		{"kind":"form","who":{"mail":"x@example.jp"}}]}`
	r, err := forms(t).Read(Delivery{Body: []byte(body), Received: arrived})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, e := range r.Events {
		line := e.Kind.String() + " " + e.Name + " " + strings.SplitN(e.ID, "-", 2)[0]
		for _, f := range e.Fields {
			line += " " + f.Name + "=" + f.Value.String()
		}
		got = append(got, line)
		if !json.Valid([]byte(r.Raw(i))) {
			t.Errorf("what came in of event %d is %q", i, r.Raw(i))
		}
	}
	want := []string{
		"identify  a#0i email=tanaka@example.jp company=ｱｸﾒ",
		"track Inquired a#0 email=tanaka@example.jp subject=料金 amount=12 way=web",
		"identify  auto email=x@example.jp",
		"track Inquired auto email=x@example.jp way=web",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Events[0].At != 1_791_190_800_000 || len(r.Events) != 4 {
		t.Errorf("%d events, the first at %d", len(r.Events), r.Events[0].At)
	}
	var codes []string
	for _, x := range r.Refused {
		codes = append(codes, x.Problem.Code)
	}
	if strings.Join(codes, " ") != "bad_value no_map no_identity" {
		t.Errorf("refused for %v", codes)
	}
	// What was refused is read again by itself, and still refused; mended, it is taken.
	again := Delivery{Body: []byte(strings.Replace(r.Refused[0].Raw, "many", "5", 1)), Received: arrived, Already: true}
	r, err = forms(t).Read(again)
	if err != nil || len(r.Events) != 2 || len(r.Refused) != 0 || r.Events[1].ID != "b#0" {
		t.Errorf("read again: %+v, %v", r, err)
	}
}

func TestCloudEvents(t *testing.T) {
	t.Parallel()
	s := &Source{Name: "bus", Kind: CloudEvents}
	one := `{"specversion":"1.0","id":"1","source":"/shop","type":"order.placed","subject":"u1","time":"2026-10-05T09:00:00Z","data":{"amount":5,"who":{"city":"Tokyo"}}}`
	for name, d := range map[string]Delivery{
		"structured": {Headers: map[string]string{"content-type": "application/cloudevents+json; charset=utf-8"}, Body: []byte(one)},
		"batch":      {Headers: map[string]string{"content-type": "application/cloudevents-batch+json"}, Body: []byte("[" + one + "]")},
		"binary": {Headers: map[string]string{
			"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/shop", "ce-type": "order.placed",
			"ce-subject": "u1", "ce-time": "2026-10-05T09:00:00Z",
		}, Body: []byte(`{"amount":5,"who":{"city":"Tokyo"}}`)},
	} {
		d.Received = arrived
		r, err := s.Read(d)
		if err != nil || len(r.Events) != 1 {
			t.Fatalf("%s: %+v, %v", name, r, err)
		}
		e := r.Events[0]
		city, _ := engine.Lookup(e.Fields, "who_city")
		if e.ID != "/shop 1" || e.Name != "order.placed" || e.User != "u1" || e.At != 1_791_190_800_000 || city.Text() != "Tokyo" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	r, err := s.Read(Delivery{Body: []byte(`[{"specversion":"0.3"},{"specversion":"1.0","id":"1"},5]`), Received: arrived})
	if err != nil || len(r.Refused) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

func mac(key, text string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func TestProofs(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":1}`)
	at := strconv.FormatInt(int64(arrived)/1000, 10)
	late := strconv.FormatInt(int64(arrived)/1000-301, 10)
	standard := func(key, at string) map[string]string {
		sign := base64.StdEncoding.EncodeToString(mac(key, "m1."+at+"."+string(body)))
		return map[string]string{"webhook-id": "m1", "webhook-timestamp": at, "webhook-signature": "v1,bm9uZQ== v2,x v1," + sign}
	}
	whsec := func(key string) Secret { return Secret("whsec_" + base64.StdEncoding.EncodeToString([]byte(key))) }
	hexMAC := Proof{Scheme: HMAC, Header: "x-sign", Prefix: "sha256=", Encoding: "hex", Algorithm: "sha256", Secrets: []Secret{"k1", "k2"}}
	stamped := Proof{Scheme: HMAC, Header: "x-sign", Encoding: "base64", Timestamp: "x-time", Signed: "v0:{timestamp}:{body}", Secrets: []Secret{"k1"}}
	for name, c := range map[string]struct {
		proof   Proof
		headers map[string]string
		want    string
	}{
		"standard":           {Proof{Scheme: StandardWebhooks, Secrets: []Secret{whsec("new"), whsec("old")}}, standard("old", at), ""},
		"standard, forged":   {Proof{Scheme: StandardWebhooks, Secrets: []Secret{whsec("new")}}, standard("other", at), "bad_signature"},
		"standard, replayed": {Proof{Scheme: StandardWebhooks, Secrets: []Secret{whsec("new")}}, standard("new", late), "bad_timestamp"},
		"standard, patient":  {Proof{Scheme: StandardWebhooks, Tolerance: engine.Hour, Secrets: []Secret{whsec("new")}}, standard("new", late), ""},
		"hmac":               {hexMAC, map[string]string{"x-sign": "sha256=" + hex.EncodeToString(mac("k2", string(body)))}, ""},
		"hmac, no prefix":    {hexMAC, map[string]string{"x-sign": hex.EncodeToString(mac("k2", string(body)))}, "bad_signature"},
		"hmac, no header":    {hexMAC, nil, "bad_signature"},
		"hmac, no secret":    {Proof{Scheme: HMAC, Header: "x-sign"}, map[string]string{"x-sign": hex.EncodeToString(mac("", string(body)))}, "bad_signature"},
		"stamped":            {stamped, map[string]string{"x-time": at, "x-sign": base64.StdEncoding.EncodeToString(mac("k1", "v0:"+at+":"+string(body)))}, ""},
		"stamped, old":       {stamped, map[string]string{"x-time": late, "x-sign": base64.StdEncoding.EncodeToString(mac("k1", "v0:"+late+":"+string(body)))}, "bad_timestamp"},
		"stamped, moved":     {stamped, map[string]string{"x-time": at, "x-sign": base64.StdEncoding.EncodeToString(mac("k1", "v0:"+late+":"+string(body)))}, "bad_signature"},
		"bearer":             {Proof{Scheme: Bearer, Secrets: []Secret{"s"}}, map[string]string{"authorization": "bearer s"}, ""},
		"bearer, empty":      {Proof{Scheme: Bearer, Secrets: []Secret{""}}, map[string]string{"authorization": "Bearer "}, "unauthorized"},
		"basic":              {Proof{Scheme: Basic, User: "u", Secrets: []Secret{"s"}}, map[string]string{"authorization": "Basic dTpz"}, ""},
		"basic, other user":  {Proof{Scheme: Basic, User: "v", Secrets: []Secret{"s"}}, map[string]string{"authorization": "Basic dTpz"}, "unauthorized"},
		"header":             {Proof{Scheme: InHeader, Header: "x-token", Secrets: []Secret{"s"}}, map[string]string{"x-token": "s"}, ""},
		"header, wrong":      {Proof{Scheme: InHeader, Header: "x-token", Secrets: []Secret{"s"}}, map[string]string{"x-token": "t"}, "unauthorized"},
	} {
		got := ""
		if p := c.proof.Proved(&Delivery{Headers: c.headers, Body: body, Received: arrived}); p != nil {
			got = p.Code
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// seeded gives the same bytes each time.
func seeded() *rand.ChaCha8 { return rand.NewChaCha8([32]byte{7}) }

func TestSendGridSigns(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), seeded())
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKIXPublicKey(&key.PublicKey)
	body := []byte(`[{"email":"a@example.jp","event":"bounce","type":"bounce","sg_event_id":"e1","timestamp":1792000000,"smtp-id":"<00112233445566778899aabbccddeeff@example.jp>","reason":"550"},{"event":"processed"},{"event":"new"}]`)
	at := strconv.FormatInt(int64(arrived)/1000, 10)
	sum := sha256.Sum256(append([]byte(at), body...))
	sign, _ := ecdsa.SignASN1(seeded(), key, sum[:])
	d := Delivery{Body: body, Received: arrived, Headers: map[string]string{
		headerSendGridTime: at, headerSendGridSign: base64.StdEncoding.EncodeToString(sign),
	}}
	s := Source{Kind: SendGrid, Proof: Proof{Scheme: ECDSA, PublicKey: base64.StdEncoding.EncodeToString(der)}}
	if p := s.Proof.Proved(&d); p != nil {
		t.Fatal(p)
	}
	r, err := s.Read(d)
	if err != nil || len(r.Receipts) != 1 || len(r.Refused) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := r.Receipts[0]; got.Event != "email_bounced" || got.Action != "00112233445566778899aabbccddeeff" || got.At != arrived || got.ID != "e1" {
		t.Errorf("%+v", got)
	}
	d.Body = bytes.Replace(body, []byte("a@"), []byte("b@"), 1)
	if p := s.Proof.Proved(&d); p == nil || p.Code != "bad_signature" {
		t.Errorf("a changed body: %v", p)
	}
}

// notary signs notices as SNS does.
type notary struct {
	key  *rsa.PrivateKey
	cert []byte
}

func newNotary(t *testing.T) *notary {
	t.Helper()
	key, err := rsa.GenerateKey(seeded(), 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotAfter: time.UnixMilli(int64(arrived)).Add(time.Hour)}
	der, err := x509.CreateCertificate(seeded(), template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &notary{key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

func (n *notary) notice(t *testing.T, fields map[string]string) []byte {
	t.Helper()
	fields["SignatureVersion"], fields["Timestamp"] = "2", "2026-10-05T09:00:00.000Z"
	fields["SigningCertURL"] = "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-1.pem"
	b, _ := json.Marshal(fields)
	tree, _ := parseTree(b)
	told := noticeOf(tree)
	sum := sha256.Sum256([]byte(told.canonical()))
	sign, err := rsa.SignPKCS1v15(nil, n.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	fields["Signature"] = base64.StdEncoding.EncodeToString(sign)
	b, _ = json.Marshal(fields)
	return b
}

func TestSNS(t *testing.T) {
	t.Parallel()
	n := newNotary(t)
	const topic = "arn:aws:sns:ap-northeast-1:1:mail"
	event := `{"eventType":"Bounce","mail":{"headers":[{"name":"message-id","value":"<00112233445566778899aabbccddeeff@example.jp>"}],"destination":["a@example.jp"]},"bounce":{"bounceType":"Permanent","bounceSubType":"General","timestamp":"2026-10-05T09:00:00Z","bouncedRecipients":[{"emailAddress":"a@example.jp"}]}}`
	body := n.notice(t, map[string]string{"Type": "Notification", "MessageId": "s1", "TopicArn": topic, "Message": event})
	if p := SignedBySNS(body, n.cert, topic); p != nil {
		t.Fatal(p)
	}
	if p := SignedBySNS(body, n.cert, "arn:other"); p == nil || p.Code != "wrong_topic" {
		t.Errorf("another topic: %v", p)
	}
	if p := SignedBySNS(bytes.Replace(body, []byte("Permanent"), []byte("Transient"), 1), n.cert, topic); p == nil {
		t.Error("a forged notice holds")
	}
	s := Source{Kind: SES, Topic: topic}
	r, err := s.Read(Delivery{Body: body, Received: arrived + 365*engine.Time(engine.Day)})
	if err != nil || len(r.Receipts) != 1 || r.Receipts[0].Event != "email_bounced" || r.Receipts[0].Action != "00112233445566778899aabbccddeeff" {
		t.Fatalf("%+v, %v", r, err)
	}
	if kind, _ := engine.Lookup(r.Receipts[0].Fields, "kind"); kind.Text() != "hard" {
		t.Errorf("the bounce is %v", kind)
	}
	confirm := n.notice(t, map[string]string{"Type": "SubscriptionConfirmation", "MessageId": "s2", "TopicArn": topic, "Token": "t", "SubscribeURL": "https://sns.ap-northeast-1.amazonaws.com/?Action=ConfirmSubscription"})
	if r, err = s.Read(Delivery{Body: confirm, Received: arrived}); err != nil || r.Confirm == "" {
		t.Errorf("%+v, %v", r, err)
	}
	elsewhere := n.notice(t, map[string]string{"Type": "SubscriptionConfirmation", "TopicArn": topic, "SubscribeURL": "https://169.254.169.254/"})
	if _, err = s.Read(Delivery{Body: elsewhere, Received: arrived}); err == nil {
		t.Error("a confirmation leads away from Amazon")
	}
}

func TestCertificatesLieAtAmazon(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://sns.eu-west-1.amazonaws.com/a.pem":             true,
		"https://sns.cn-north-1.amazonaws.com.cn/a.pem":         true,
		"http://sns.eu-west-1.amazonaws.com/a.pem":              false,
		"https://sns.eu-west-1.amazonaws.com.evil.jp/a.pem":     false,
		"https://sns.evil.jp/sns.eu-west-1.amazonaws.com/a.pem": false,
		"https://sns.x@evil.jp/.amazonaws.com/a.pem":            false,
		"https://sns.eu-west-1.amazonaws.com:8443/a.pem":        false,
		"https://sns.eu-west-1.amazonaws.com/a.txt":             false,
		"https://evil.sns.eu-west-1.amazonaws.com/a.pem":        false,
		"https://sns.amazonaws.com/a.pem":                       false,
		"https://sns.s3.amazonaws.com/a.pem":                    false, // a bucket, of whoever has it
		"https://sns.s3-us-west-2.amazonaws.com/a.pem":          false,
		"https://sns.s3-website-1.amazonaws.com/a.pem":          false,
		"https://sns.us-gov-west-1.amazonaws.com/a.pem":         true,
		"https://sns.ap-northeast-1.amazonaws.com/a.pem":        true,
		"": false,
	} {
		body, _ := json.Marshal(map[string]string{"SigningCertURL": address, "TopicArn": "ours"})
		if _, p := CertOf(body, "ours"); (p == nil) != want {
			t.Errorf("%s: %v, want %v", address, p, want)
		}
		if _, p := CertOf(body, "theirs"); p == nil || p.Code != "wrong_topic" {
			t.Errorf("%s, of another topic: %v", address, p)
		}
	}
}

func TestPostmark(t *testing.T) {
	t.Parallel()
	s := Source{Kind: Postmark}
	for body, want := range map[string]string{
		`{"RecordType":"Delivery","MessageID":"m","Recipient":"a@example.jp","DeliveredAt":"2026-10-05T09:00:00Z","Metadata":{"nurture_key":"00112233445566778899aabbccddeeff"}}`: "email_delivered",
		`{"RecordType":"Bounce","Type":"HardBounce","MessageID":"m","Email":"a@example.jp"}`:                                                                                      "email_bounced",
		`{"RecordType":"SubscriptionChange","SuppressSending":true,"Recipient":"a@example.jp"}`:                                                                                   "unsubscribed",
		`{"RecordType":"SubscriptionChange","SuppressSending":false,"Recipient":"a@example.jp"}`:                                                                                  "",
		`{"RecordType":"Inbound"}`: "",
	} {
		r, err := s.Read(Delivery{Body: []byte(body), Received: arrived})
		got := ""
		if err == nil && len(r.Receipts) == 1 {
			got = r.Receipts[0].Event
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%v)", body, got, want, err)
		}
	}
}

// FuzzSource: whatever comes in, nothing panics, what is taken is an event, and
// what is refused keeps its JSON and a reason.
func FuzzSource(f *testing.F) {
	f.Add(uint8(Webhook), []byte(`{"events":[{"kind":"form","who":{"mail":"a@b"}}]}`), "application/json")
	f.Add(uint8(CloudEvents), []byte(`{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"u"}`), "application/cloudevents+json")
	f.Add(uint8(SES), []byte(`{"Type":"Notification","Message":"{\"eventType\":\"Open\",\"mail\":{\"destination\":[\"a@b\"]}}"}`), "text/plain")
	f.Add(uint8(SendGrid), []byte(`[{"event":"click","email":"a@b","timestamp":1e300}]`), "application/json")
	f.Add(uint8(Postmark), []byte(`{"RecordType":"Open","Recipient":5}`), "application/json")
	f.Add(uint8(Segment), []byte(`{"type":"track","event":"a","userId":"u"}`), "text/plain")
	f.Fuzz(func(t *testing.T, kind uint8, body []byte, contentType string) {
		s := forms(t)
		s.Kind = SourceKind(kind%6 + 1)
		if s.Kind != Webhook {
			s.Maps = nil
		}
		r, err := s.Read(Delivery{Body: body, Received: arrived, Headers: map[string]string{"content-type": contentType, "ce-specversion": contentType, "webhook-id": contentType}})
		if err != nil {
			return
		}
		for i := range r.Events {
			e := r.Events[i]
			if e.ID == "" || e.At <= 0 || e.Received != arrived || !json.Valid([]byte(r.Raw(i))) {
				t.Errorf("%+v is no event", e)
			}
		}
		for _, x := range r.Refused {
			if x.Problem == nil || x.Problem.Code == "" || !json.Valid([]byte(x.Raw)) {
				t.Errorf("refused %+v", x)
			}
		}
		for _, x := range r.Receipts {
			if x.ID == "" || x.Event == "" || x.Action == "" && x.Email == "" {
				t.Errorf("receipt %+v", x)
			}
		}
	})
}

// FuzzPath: a path that parses prints as it was, and finds something or nothing.
func FuzzPath(f *testing.F) {
	for _, text := range []string{"a.b[0]['c.d']", "header:X", "[0]", "a]"} {
		f.Add(text)
	}
	tree, _ := parseTree([]byte(`{"a":{"b":[{"c.d":1}]}}`))
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := ParsePath(text); ok {
			if p.String() != text {
				t.Errorf("%q prints as %q", text, p)
			}
			_ = p.in(tree, &Delivery{})
		}
	})
}
