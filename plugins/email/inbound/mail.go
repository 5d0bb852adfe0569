// Package inbound says what a mail is that came back: a bounce and how bad it is, a
// complaint, an answer of a machine, an answer of a person, and which of our mails
// it is about. It is pure: bytes in, a verdict out.
//
// A bounce by the standard (RFC 3464) and a complaint by the standard (RFC 5965)
// say what they are. Many do not follow the standard, so the text is read as well:
// who it is from, whom it names, and the sentences with which mail servers of all
// kinds refuse. A verdict "hard" needs words that say that the address is not there;
// whatever is unclear is soft, because barring a person who can be reached is worse
// than one more mail to an address that is gone.
package inbound

import (
	"regexp"
	"strings"
	"time"
)

// Kind is what a mail that came back is.
type Kind uint8

// The kinds.
const (
	Other     Kind = iota // nothing that concerns a mail of ours: a newsletter, spam
	Bounce                // it did not arrive, or not yet
	Complaint             // the receiver called it spam
	Auto                  // a machine answered for a person who is away or elsewhere
	Reply                 // a person answered
	Delivered             // it arrived
)

// String is the kind's word.
func (k Kind) String() string {
	return [...]string{"other", "bounce", "complaint", "auto_reply", "reply", "delivered"}[k]
}

// Mail is what became of a mail that came back. Addresses are personal data.
type Mail struct {
	Kind Kind
	// Verdicts are those of a Bounce, one for each recipient.
	Verdicts []Verdict
	// Feedback is the kind of a Complaint in the receiver's word: "abuse", "fraud".
	Feedback string
	From     string    // address of the sender, "" for none
	Date     time.Time // zero where it says none
	// ID is the Message-ID without brackets, "" for none.
	ID string
	// Ours are the ids and the addresses by which the mail of ours may be known.
	Ours References
}

// Verdict is what became of a mail to one recipient.
type Verdict struct {
	Address string // "" where it is not said
	Class   Class
	Status  string // enhanced status code, "5.1.1"; "" for none
	Code    string // SMTP reply code, "550"; "" for none
}

// References are what a mail says about the mail that it answers.
type References struct {
	Message    string   // Message-ID of the original that came back with it
	Answers    []string // ids in In-Reply-To and References, the nearest first
	Recipients []string // addresses that it was sent to: ours, with what we sealed into them
	Sender     string   // envelope sender of the original
	Recipient  string   // whom the original went to, "" where it is not said
}

// Read says what a mail is.
func Read(raw []byte) Mail {
	h, body := split(normal(raw))
	m := &message{header: h, leaves: leaves(h, body, 0)}
	m.arrange()
	mail := Mail{
		From: addressOf(h.words("from")), ID: idOf(h.get("message-id")), Date: dateOf(h.get("date")), Ours: m.references(),
	}
	feedback, isFeedback := m.feedback()
	notice, isNotice := m.notice()
	switch {
	case isNotice:
		notice.apply(&mail)
	case isFeedback && feedback != "":
		mail.Kind, mail.Feedback = Complaint, feedback
	case isFeedback: // a report that nobody complained in
	case m.answersForPerson():
		mail.Kind = Auto
	case m.isBounce():
		mail.Verdicts = m.verdicts()
		mail.Kind = Bounce
		if delivered(mail.Verdicts) {
			mail.Kind, mail.Verdicts = Delivered, nil
		}
	case m.isAutomatic():
		mail.Kind = Auto
	case m.isBulk():
	case len(mail.Ours.Answers) > 0 || m.isAnswer():
		mail.Kind = Reply
	}
	return mail
}

// Hard reports whether a verdict closes the address for good.
func (v Verdict) Hard() bool { return v.Class.Hard() }

// delivered reports whether all verdicts are that it arrived.
func delivered(vs []Verdict) bool {
	for _, v := range vs {
		if v.Class != Arrived {
			return false
		}
	}
	return len(vs) > 0
}

// message is a mail in its parts.
type message struct {
	header   header
	leaves   []part
	text     string   // what is written for people, without the original
	reports  []string // delivery status reports, as they stand
	abuse    string   // the feedback report, "" for none
	original string   // the mail that came back, or its header; "" for none
}

// arrange finds the role of each part.
func (m *message) arrange() {
	var text strings.Builder
	for _, p := range m.leaves {
		switch {
		case p.kind == "message/delivery-status" || p.kind == "message/global-delivery-status":
			m.reports = append(m.reports, p.text)
		case p.kind == "message/feedback-report":
			m.abuse = p.text
		case p.kind == "message/rfc822" || p.kind == "message/global" || p.kind == "text/rfc822-headers" || p.kind == "message/rfc822-headers" ||
			p.kind == "message/global-headers" || p.kind == "text/rfc822":
			if m.original == "" {
				m.original = p.text
			}
		case strings.HasPrefix(p.kind, "text/html"):
			text.WriteString(plainOf(p.text) + "\n")
		case strings.HasPrefix(p.kind, "text/"):
			text.WriteString(p.text + "\n")
		}
	}
	m.text = text.String()
	written, original := cutOriginal(m.text)
	if m.original == "" {
		m.original = original
	}
	if original != "" {
		m.text = written
	}
	m.reports = append(m.reports, reportIn(m.text)...)
}

// references collects what may tell which mail of ours it is about.
func (m *message) references() References {
	var r References
	for _, name := range []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc"} {
		for _, value := range m.header.all(name) {
			r.Recipients = append(r.Recipients, addressesIn(value)...)
		}
	}
	for _, name := range []string{"in-reply-to", "references"} {
		ids := idsIn(m.header.get(name))
		for i := len(ids) - 1; i >= 0; i-- {
			r.Answers = append(r.Answers, ids[i])
		}
	}
	original, _ := split(strings.TrimLeft(m.original, "\n"))
	r.Message = idOf(original.get("message-id"))
	r.Sender = addressOf(original.get("return-path"))
	r.Recipient = m.failedRecipient()
	report, _ := split(strings.TrimLeft(m.abuse, "\n"))
	if r.Sender == "" {
		r.Sender = addressOf(report.get("original-mail-from"))
	}
	if to := addressOf(report.get("original-rcpt-to")); to != "" {
		r.Recipient = to
	}
	for _, report := range m.reports {
		for _, h := range headersIn(report) {
			if r.Sender == "" {
				r.Sender = addressOf(h.get("x-postfix-sender"))
			}
			if r.Message == "" {
				r.Message = idOf(h.get("original-message-id"))
			}
		}
	}
	return r
}

// complaintSubject is how a large receiver tells of complaints without a report.
var complaintSubject = regexp.MustCompile(`(?i)^\W*(complaint about message from|abuse report|spam report|fwd: abuse)`)

// feedback is the word of a complaint. A report that a mail failed authentication,
// or that it is no spam after all, is a report in which nobody complained.
func (m *message) feedback() (word string, is bool) {
	if m.abuse == "" {
		return "abuse", complaintSubject.MatchString(m.header.words("subject")) && m.original != ""
	}
	report, _ := split(strings.TrimLeft(m.abuse, "\n"))
	switch word = strings.ToLower(report.get("feedback-type")); word {
	case "auth-failure", "not-spam", "dmarc":
		return "", true
	case "":
		word = "abuse"
	}
	return word, true
}
