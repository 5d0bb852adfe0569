package intake

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Receipt is what a provider of mail tells about one message of ours. Whose it is
// follows from Action, the key of the message, else from the address.
type Receipt struct {
	ID     string
	Event  string // email_delivered, email_bounced, email_complained, email_opened, email_clicked, unsubscribed
	At     engine.Time
	Action string // key of the message, "" where the provider does not give it back
	Email  string
	Fields []engine.Field
	Raw    string // as it came in: personal data
}

// KeyArgument is the name under which a mail gives its key to a provider, as a
// custom argument, a tag or a piece of metadata, to get it back with each receipt.
const KeyArgument = "nurture_key"

// actionIn is the key of a message in what a provider gives back: the argument
// itself, or the Message-ID that begins with it.
func actionIn(texts ...string) string {
	for _, t := range texts {
		t, _, _ = strings.Cut(strings.Trim(t, "<> "), "@")
		if _, ok := engine.ParseActionKey(t); ok {
			return t
		}
	}
	return ""
}

// object, list and text read a tree that may be of any form.
func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }

func texts(pairs ...string) []engine.Field {
	var out []engine.Field
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, engine.Field{Name: pairs[i], Value: engine.TextValue(pairs[i+1])})
		}
	}
	return out
}

// told adds a receipt; what it tells of nobody is refused when it is handed on.
func (r *Reading) told(d *Delivery, tree any, rc Receipt) {
	rc.Raw = jsonOf(tree)
	if rc.At == 0 {
		rc.At = d.Received
	}
	if rc.At > d.Received.Add(engine.MaxAhead) {
		rc.At = d.Received
	}
	if rc.ID == "" {
		rc.ID = missingReceipt(rc.Raw)
	}
	if rc.Action == "" && rc.Email == "" {
		r.refuse(tree, rc.ID, problem("no_identity", "the receipt names neither a message of ours nor an address"))
		return
	}
	r.Receipts = append(r.Receipts, rc)
}

func missingReceipt(raw string) string { return "auto-" + hashOf(raw) }

// ses reads a notice of SNS with an event of SES in it, of the older or the newer
// form (notificationType, eventType).
func (r *Reading) ses(tree any, d *Delivery) *engine.Problem {
	inner := tree
	n := noticeOf(tree)
	switch n.kind {
	case "SubscriptionConfirmation":
		if !atSNS(n.confirm) {
			return problem("bad_confirmation", "the address that would confirm the subscription is not at Amazon SNS")
		}
		r.Confirm = n.confirm
		return nil
	case "UnsubscribeConfirmation":
		return nil
	case "Notification":
		var p *engine.Problem
		if inner, p = parseTree([]byte(n.message)); p != nil {
			r.refuse(tree, n.id, problem("bad_json", "the notice holds no event of SES"))
			return nil
		}
	}
	m := object(inner)
	mail := object(m["mail"])
	kind := textIn(m["eventType"])
	if kind == "" {
		kind = textIn(m["notificationType"])
	}
	base := Receipt{Action: actionIn(sesKeys(mail)...)}
	about := func(event string, detail map[string]any, recipients []string, fields []engine.Field) {
		if len(recipients) == 0 {
			recipients = []string{""}
		}
		for _, to := range recipients {
			rc := base
			rc.Event, rc.Email, rc.Fields = event, to, fields
			rc.At, _ = timeIn(detail["timestamp"])
			if n.id != "" {
				rc.ID = n.id + " " + hashOf(to)
			}
			r.told(d, inner, rc)
		}
	}
	r.sesKind(kind, m, addresses(mail["destination"]), about, inner)
	return nil
}

// sesKeys are the places where a message's key comes back from SES: a tag, and the
// headers of the mail as it was handed in.
func sesKeys(mail map[string]any) []string {
	var keys []string
	for _, v := range list(object(mail["tags"])[KeyArgument]) {
		keys = append(keys, textIn(v))
	}
	for _, h := range list(mail["headers"]) {
		if strings.EqualFold(textIn(object(h)["name"]), "Message-ID") {
			keys = append(keys, textIn(object(h)["value"]))
		}
	}
	return append(keys, textIn(object(mail["commonHeaders"])["messageId"]))
}

func addresses(v any) []string {
	var out []string
	for _, one := range list(v) {
		t := textIn(one)
		if t == "" {
			t = textIn(object(one)["emailAddress"])
		}
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

func (r *Reading) sesKind(kind string, m map[string]any, to []string, about func(string, map[string]any, []string, []engine.Field), inner any) {
	switch kind {
	case "Delivery":
		about("email_delivered", object(m["delivery"]), addresses(object(m["delivery"])["recipients"]), nil)
	case "Bounce":
		b := object(m["bounce"])
		hard := map[string]string{"Permanent": "hard", "Transient": "soft"}[textIn(b["bounceType"])]
		if hard == "" {
			hard = "soft"
		}
		reason := textIn(b["bounceSubType"])
		about("email_bounced", b, addresses(b["bouncedRecipients"]), texts("kind", hard, "reason", reason))
	case "Complaint":
		c := object(m["complaint"])
		about("email_complained", c, addresses(c["complainedRecipients"]), nil)
	case "Open":
		o := object(m["open"])
		about("email_opened", o, to, texts("agent", textIn(o["userAgent"])))
	case "Click":
		c := object(m["click"])
		about("email_clicked", c, to, texts("link", textIn(c["link"]), "agent", textIn(c["userAgent"])))
	case "Reject", "Rendering Failure":
		about("email_bounced", object(m["mail"]), to, texts("kind", "soft", "reason", kind))
	case "Subscription":
		about("unsubscribed", object(m["subscription"]), to, nil)
	case "Send", "DeliveryDelay", "AmazonSnsSubscriptionSucceeded", "AmazonSnsSubscriptionConfirmed":
	default:
		r.refuse(inner, "", problem("unknown_event", "the notice tells of an event that is not known"))
	}
}

var sendGridEvents = map[string]string{
	"delivered": "email_delivered", "bounce": "email_bounced", "dropped": "email_bounced", "spamreport": "email_complained",
	"open": "email_opened", "click": "email_clicked", "unsubscribe": "unsubscribed", "group_unsubscribe": "unsubscribed",
}

// sendGrid reads a list of events.
func (r *Reading) sendGrid(tree any, d *Delivery) {
	events, ok := tree.([]any)
	if !ok {
		events = []any{tree}
	}
	for i, one := range events {
		if i >= d.Limits.Items {
			r.refuse(one, "", problem("too_large", "the batch has more than %d items", d.Limits.Items))
			return
		}
		m := object(one)
		kind := textIn(m["event"])
		event := sendGridEvents[kind]
		if event == "" {
			if kind != "processed" && kind != "deferred" && kind != "group_resubscribe" {
				r.refuse(one, "", problem("unknown_event", "the receipt tells of an event that is not known"))
			}
			continue
		}
		at, _ := timeIn(m["timestamp"])
		rc := Receipt{
			ID: textIn(m["sg_event_id"]), Event: event, At: at, Email: textIn(m["email"]),
			Action: actionIn(textIn(m[KeyArgument]), textIn(object(m["unique_args"])[KeyArgument]), textIn(m["smtp-id"])),
		}
		switch event {
		case "email_bounced":
			hard := "hard"
			if textIn(m["type"]) == "blocked" || kind == "dropped" {
				hard = "soft"
			}
			rc.Fields = texts("kind", hard, "reason", textIn(m["reason"]))
		case "email_opened":
			rc.Fields = texts("agent", textIn(m["useragent"]))
		case "email_clicked":
			rc.Fields = texts("link", textIn(m["url"]), "agent", textIn(m["useragent"]))
		}
		r.told(d, one, rc)
	}
}

// metadataIn is the key among the metadata of a mail. They came as headers, whose
// names are the same in every case.
func metadataIn(m map[string]any) string {
	for name, v := range object(m["Metadata"]) {
		if strings.EqualFold(name, KeyArgument) {
			return textIn(v)
		}
	}
	return ""
}

var postmarkEvents = map[string]string{
	"Delivery": "email_delivered", "Bounce": "email_bounced", "SpamComplaint": "email_complained",
	"Open": "email_opened", "Click": "email_clicked", "SubscriptionChange": "unsubscribed",
}

// postmark reads one event.
func (r *Reading) postmark(tree any, d *Delivery) {
	m := object(tree)
	kind := textIn(m["RecordType"])
	event := postmarkEvents[kind]
	switch {
	case event == "":
		r.refuse(tree, "", problem("unknown_event", "the receipt tells of an event that is not known"))
		return
	case kind == "SubscriptionChange" && textIn(m["SuppressSending"]) != "true":
		return // may be sent to again: nothing that consent hangs on
	}
	first := func(names ...string) string {
		for _, name := range names {
			if t := textIn(m[name]); t != "" {
				return t
			}
		}
		return ""
	}
	at, _ := timeIn(m[map[string]string{
		"Delivery": "DeliveredAt", "Bounce": "BouncedAt", "SpamComplaint": "BouncedAt", "SubscriptionChange": "ChangedAt",
	}[kind]])
	if at == 0 {
		at, _ = timeIn(m["ReceivedAt"])
	}
	rc := Receipt{
		Event: event, At: at, Email: first("Recipient", "Email"),
		Action: actionIn(metadataIn(m)),
	}
	rc.ID = kind + " " + first("MessageID") + " " + hashOf(rc.Email+first("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt", "OriginalLink")+textIn(m["ID"]))
	switch event {
	case "email_bounced":
		hard := "soft"
		if t := textIn(m["Type"]); t == "HardBounce" || t == "BadEmailAddress" {
			hard = "hard"
		}
		rc.Fields = texts("kind", hard, "reason", textIn(m["Type"]))
	case "email_opened":
		rc.Fields = texts("agent", textIn(m["UserAgent"]))
	case "email_clicked":
		rc.Fields = texts("link", textIn(m["OriginalLink"]), "agent", textIn(m["UserAgent"]))
	}
	r.told(d, tree, rc)
}
