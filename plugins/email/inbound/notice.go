package inbound

import (
	"encoding/json"
	"strings"
)

// notice is what Amazon's mail service tells in JSON, in a mail of its own or, in
// the envelope of its notification service, over HTTP.
type notice struct {
	Type  string `json:"notificationType"`
	Event string `json:"eventType"` // the same, by the newer form
	Mail  struct {
		Source  string                         `json:"source"`
		Headers []struct{ Name, Value string } `json:"headers"`
	} `json:"mail"`
	Bounce struct {
		Type       string `json:"bounceType"`
		Sub        string `json:"bounceSubType"`
		Recipients []struct {
			Address string `json:"emailAddress"`
			Status  string `json:"status"`
			Action  string `json:"action"`
			Text    string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Kind string `json:"complaintFeedbackType"`
	} `json:"complaint"`
}

// notice finds one in the text of the mail.
func (m *message) notice() (n notice, ok bool) {
	if !strings.Contains(m.text, `notificationType`) && !strings.Contains(m.text, `eventType`) {
		return n, false
	}
	at := strings.IndexByte(m.text, '{')
	if at < 0 {
		return n, false
	}
	return readNotice([]byte(unwrapped(m.text[at:])))
}

// unwrapped joins lines that a mail program has broken: a line break inside JSON of
// one line stands for nothing.
func unwrapped(text string) string { return strings.ReplaceAll(text, "\n", "") }

func readNotice(raw []byte) (n notice, ok bool) {
	var envelope struct {
		Message string `json:"Message"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	var object json.RawMessage
	if decoder.Decode(&object) != nil {
		return n, false
	}
	if json.Unmarshal(object, &envelope) == nil && strings.HasPrefix(envelope.Message, "{") {
		object = json.RawMessage(envelope.Message)
	}
	if json.Unmarshal(object, &n) != nil {
		return n, false
	}
	n.Type = firstOf(n.Type, n.Event)
	return n, n.Type == "Bounce" || n.Type == "Complaint" || n.Type == "Delivery"
}

// apply is the verdict of a notice.
func (n notice) apply(mail *Mail) {
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(h.Name, "message-id") {
			mail.Ours.Message = idOf(h.Value)
		}
	}
	mail.Ours.Sender = addressOf(n.Mail.Source)
	switch n.Type {
	case "Delivery":
		mail.Kind = Delivered
	case "Complaint":
		mail.Kind, mail.Feedback = Complaint, firstOf(n.Complaint.Kind, "abuse")
	case "Bounce":
		mail.Kind = Bounce
		for _, b := range n.Bounce.Recipients {
			r := refusal{address: addressOf(b.Address), action: strings.ToLower(b.Action), status: b.Status, text: b.Text}
			v := r.judge(&message{})
			if v.Class == Unclear && n.Bounce.Type == "Permanent" && (n.Bounce.Sub == "General" || n.Bounce.Sub == "NoEmail") {
				v.Class = UnknownUser
			}
			mail.Verdicts = append(mail.Verdicts, v)
		}
	}
}
