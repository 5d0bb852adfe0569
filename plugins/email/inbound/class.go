package inbound

import (
	"regexp"
	"strings"
)

// Class is why a mail did not arrive.
type Class string

// The classes. The first four close the address: no later mail would arrive.
const (
	UnknownUser Class = "unknown_user" // there is no such mailbox
	UnknownHost Class = "unknown_host" // there is no such domain
	Moved       Class = "moved"        // the mailbox is elsewhere now
	NoMail      Class = "no_mail"      // the domain takes no mail at all

	Full      Class = "mailbox_full"
	Suspended Class = "suspended" // the mailbox is there but closed for now
	Filtered  Class = "filtered"  // the recipient does not want it
	Blocked   Class = "blocked"   // our server or its address is not wanted
	Rejected  Class = "rejected"  // our sender's address is not wanted
	Spam      Class = "spam"
	Virus     Class = "virus"
	TooBig    Class = "too_big"
	Content   Class = "content"
	Policy    Class = "policy"
	Rate      Class = "rate" // too many mails or connections
	Relay     Class = "relay_denied"
	Network   Class = "network"
	System    Class = "system"
	Expired   Class = "expired" // tried for days in vain
	Delayed   Class = "delayed" // it is still being tried
	Unclear   Class = "unclear"

	Arrived Class = "arrived" // no bounce at all
)

// Hard reports whether the address is closed for good.
func (c Class) Hard() bool {
	return c == UnknownUser || c == UnknownHost || c == Moved || c == NoMail
}

var (
	statusPattern = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	codePattern   = regexp.MustCompile(`(?:^|[^\d.\[:])([45]\d\d)(?:[ \-#(]|$)`)
)

// judge says what a refusal means. The words of the server that refused count
// first, then its status codes, then what else stands there.
func (r refusal) judge(m *message) Verdict {
	said := plainWords(r.text)
	v := Verdict{Address: r.address, Status: r.statusOf(said)}
	if match := codePattern.FindStringSubmatch(said); match != nil {
		v.Code = match[1]
	}
	switch r.action {
	case "delivered", "relayed", "expanded", "deliverable":
		v.Class = Arrived
		return v
	case "delayed":
		v.Class = Delayed
		return v
	}
	v.Class = r.class(said, v)
	if v.Class == Unclear {
		around := plainWords(r.around)
		if v.Status == "" || vague(v.Status) {
			v.Status = firstOf(r.statusOf(around), v.Status)
		}
		if c := r.class(around, v); c != Unclear {
			v.Class = c
		} else if subject := byWords(strings.ToLower(m.header.words("subject"))); subject != Unclear {
			v.Class = subject
		}
	}
	if v.Class == Unclear {
		v.Class = byCode(v)
	}
	if v.Class == UnknownUser || v.Class == UnknownHost || v.Class == NoMail {
		v.Class = r.doubted(v, said, len(m.reports) > 0)
	}
	return v
}

// stages are how servers say at which command of the conversation they were refused.
var stages = regexp.MustCompile(`(?:in reply to|in response to|after|command:?|stage:?|>>>) (end of data|data|rcpt|mail from|mail|helo|ehlo|connect|sending message body)\b`)

// needsRecipient is how a server answers DATA after it has refused the recipient: the
// commands were sent at once, and the refusal is not one of the content.
var needsRecipient = regexp.MustCompile(`\b50[0-9] .{0,20}need rcpt|no valid recipients|need rcpt|valid rcpt|50\d .{0,30}recipient`)

// likes are other ways to say that it was the recipient that was refused.
var likes = regexp.MustCompile(`does not like recipient|\[rcpt_to\]|following rcpt`)

// anybodys are words that every program uses for whatever it does not want.
var anybodys = regexp.MustCompile(`user unknown|unknown user|no such user|recipient not found|mailbox unavailable|user does ?n[o']t have`)

// plain are words that leave no doubt.
var plain = regexp.MustCompile(`invalid user address|user mailbox|mailbox not found|not listed|^unknown user: addr`)

// keepers are servers that answer "unknown user" also where the recipient has closed
// the mailbox to mails of that kind, as Japanese mobile carriers let everybody do.
var (
	keepers = regexp.MustCompile(`docomo\.ne\.jp|mfsmax\.`)
	nobody  = regexp.MustCompile(`\b550:? ?: user unknown`)
)

// doubted is what an unknown user or host is where something speaks against it: a
// server that refused our greeting or our sender has not looked at the recipient,
// one that took the recipient and refused the content knows it, and a status of a
// mailbox that is closed or protected says that it is there.
func (r refusal) doubted(v Verdict, said string, standard bool) Class {
	around := plainWords(r.around)
	at := ""
	if found := stages.FindAllStringSubmatch(said+" "+around, -1); len(found) > 0 {
		at = found[len(found)-1][1]
	}
	switch {
	case strings.HasPrefix(v.Status, "4") && v.Class != UnknownUser:
		return Network // the server itself says that it may pass
	case v.Status == "4.1.1" && r.action == "failed":
		return v.Class // tried for days, and there never was one
	case strings.HasPrefix(v.Status, "4"):
		return Filtered
	case nobody.MatchString(said), keepers.MatchString(strings.ToLower(v.Address + " " + r.host + " " + r.text)):
		return Filtered
	case strings.HasPrefix(v.Status, "5.1.") && v.Status != "5.1.7" && v.Status != "5.1.8" && v.Status != "5.1.0":
		return v.Class // it says that it is about the recipient's address
	case at == "helo" || at == "ehlo" || at == "connect":
		return Blocked
	case strings.HasPrefix(at, "mail"):
		return Rejected
	case v.Class != UnknownUser:
		return v.Class
	case at == "rcpt", needsRecipient.MatchString(said + " " + around), likes.MatchString(said + " " + around):
	case at != "", strings.HasPrefix(v.Status, "5.7."), strings.HasPrefix(v.Status, "5.2."):
		return Filtered
	case !standard && v.Status == "" && anybodys.MatchString(said) && !plain.MatchString(said):
		return Filtered
	}
	return v.Class
}

// plainWords is a text in lower case on one line, with a word in the place of each
// address and of what our own mail system says about a status it looked up.
func plainWords(text string) string {
	text = addressPattern.ReplaceAllString(strings.ToLower(oneLine(text)), "addr")
	return statusWords.ReplaceAllString(text, "$1")
}

var statusWords = regexp.MustCompile(`(\b[45]\.\d\.\d) - (unknown address error|other mail system problem|other network problem|bad destination host)`)

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// statusOf is the enhanced status code that says most: that of the server's words
// before that of the report, which is often none but "5.0.0".
func (r refusal) statusOf(said string) string {
	for _, s := range statusPattern.FindAllString(said, 6) {
		if !vague(s) && s[0] != '2' {
			return s
		}
	}
	return r.status
}

// vague is a status that says no more than that it failed.
func vague(status string) bool {
	return strings.HasSuffix(status, ".0.0")
}

func (r refusal) class(said string, v Verdict) Class {
	if c := byWords(said); c != Unclear {
		return c
	}
	return byStatus(v.Status)
}

// byStatus is the class of an enhanced status code (RFC 3463, and the registry
// behind it).
func byStatus(status string) Class {
	if status == "" || status[0] == '2' {
		return Unclear
	}
	permanent := status[0] == '5'
	switch status[1:] {
	case ".1.1", ".1.10", ".1.3", ".1.4":
		return hardIf(permanent, UnknownUser, Filtered)
	case ".1.2":
		return hardIf(permanent, UnknownHost, Network)
	case ".1.6":
		return hardIf(permanent, Moved, Filtered)
	case ".1.7", ".1.8", ".1.0":
		return Rejected
	case ".2.0", ".2.4":
		return Filtered
	case ".2.1":
		return Suspended
	case ".2.2":
		return Full
	case ".2.3", ".3.4":
		return TooBig
	case ".3.1":
		return System
	case ".3.0", ".3.2", ".3.3", ".3.5":
		return System
	case ".4.1", ".4.2", ".4.3", ".4.6", ".4.0":
		return Network
	case ".4.5":
		return Rate
	case ".4.7":
		return Expired
	case ".5.3":
		return Rate
	case ".6.0", ".6.1", ".6.2", ".6.3", ".6.5", ".6.6", ".6.7":
		return Content
	case ".7.0", ".7.1", ".7.2", ".7.20", ".7.21", ".7.22", ".7.23", ".7.24", ".7.25", ".7.26", ".7.27":
		return Policy
	}
	return Unclear
}

func hardIf(permanent bool, hard, soft Class) Class {
	if permanent {
		return hard
	}
	return soft
}

// byCode is what is left where only the number of a reply is known.
func byCode(v Verdict) Class {
	switch {
	case v.Code == "552":
		return Full
	case strings.HasPrefix(v.Code, "4") || strings.HasPrefix(v.Status, "4"):
		return Expired
	case v.Code == "550" || v.Code == "551":
		return Filtered
	case v.Code != "":
		return Rejected
	}
	return Unclear
}
