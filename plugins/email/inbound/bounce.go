package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// senders are the names under which mail servers write.
var senders = regexp.MustCompile(`(?i)mailer[-_.]?daemon|post_?master|mail[ _-]?delivery|microsoftexchange|mail[ _.-]?(system|administrator)|^<>$|\bmmdf@|noreply@googlegroups|mailmaster@|delivery[-_ ]?(subsystem|system|notification)|\bbounces?@|virus|amavis|mxlogic|mdaemon|notification@|system administrator`)

// subjects are those of bounces.
var subjects = regexp.MustCompile(`(?i)undeliver|failure notice|delivery (status|failure|failed|report|problem|notification|error|has failed)|returned mail|are not (a )?member|mail (delivery|failed|failure|could not|undeliverable|error)|message (could not|undeliver|not delivered|delivery)|non[- ]?(delivery|remis)|not delivered|unable to deliver|could not (be deliver|send)|failed (mail|delivery|recipients)|delayed mail|still being retried|user unknown|unknown user|rejected|bounce|warning: |permanent (delivery )?(failure|error)|unzustellbar|mail system error|error sending|\bndn\b|nondeliverable|dsn|non remis|配信できません|配送(でき|エラー)|送信(エラー|でき)|不達|届きません|宛先不明|エラーメール|メールエラー|メール配送`)

// openings are sentences with which bounces begin.
var openings = regexp.MustCompile(`(?i)this is the (mail system|mail delivery|qmail|mimecast|postfix)|i'm (afraid|sorry)|the original message was received at|could not be delivered|was(n't| not) able to deliver|unable to deliver|delivery (to the following|has failed|failed)|did not reach the following|returned to sender|was undeliverable|not be delivered to|following (address|recipient)\(?e?s?\)?.{0,30}(fail|had|could|were)|permanent(ly)? (fatal )?(error|fail)|undeliverable|your message (to|could|cannot|was not)|failed recipient|user(s)? unknown|mailbox (is )?(full|unavailable|not found)|message from .{1,60}unable to deliver|this user doesn't have|配信(できません|不能)|送信でき(ません|なかった)|error message below|you are not (a )?member|お届けできません|見つかりません`)

// isBounce reports whether a mail server says that a mail did not arrive.
func (m *message) isBounce() bool {
	if len(m.reports) > 0 || m.header.get("x-failed-recipients") != "" {
		return true
	}
	if kind, params := m.header.contentType(); kind == "multipart/report" {
		return !strings.Contains(params["report-type"], "disposition") && !strings.Contains(params["report-type"], "feedback")
	}
	score := 0
	if m.fromServer() {
		score += 2
	}
	if subjects.MatchString(m.header.words("subject")) {
		score++
	}
	if openings.MatchString(m.near()) {
		score++
	}
	if m.original != "" && score > 0 {
		score++
	}
	return score >= 3
}

// fromServer reports whether the mail's sender is a mail server.
func (m *message) fromServer() bool {
	if path := m.header.get("return-path"); strings.TrimSpace(path) == "<>" {
		return true
	}
	return senders.MatchString(m.header.words("from"))
}

// near is the beginning of the text on one line.
func (m *message) near() string {
	return oneLine(m.text[:min(len(m.text), 6000)])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// marks are the lines behind which the original begins.
var marks = regexp.MustCompile(`(?im)^[ \t>]*(-+ ?)(below this line is a copy|this is a copy of|the (header|body) of the|original message|copy of (your )?message|original (mail|e-?mail)|(the )?unsent message|message header|returned message|message (text|headers?) follow|forwarded message|here is a copy|the following is a copy|undelivered (message|mail)|transcript of message|included is a copy|headers?:?|ここからは|以下)[^\n]*$|^[ \t]*(original message (follows|headers)|received message|your (original )?message (follows|headers|reads)|the (header|body) of the original|the original message (follows|was)|message contents follow|content of the message|unsent message follows|message headers follow|the following is (a copy|the)|subject of the original|reporting-mta: none)[^\n]*$|^-{20,}[ \t]*$`)

// cutOriginal parts a text from the copy of a mail that follows in it.
func cutOriginal(text string) (written, original string) {
	for _, at := range marks.FindAllStringIndex(text, 12) {
		after := strings.TrimLeft(text[at[1]:], "\n \t")
		if h, _ := split(after); isMail(h) {
			return text[:at[0]], after
		}
	}
	// Some put the copy there without a word.
	for _, start := range []string{"\nReturn-Path: ", "\nReceived: from ", "\nReceived: by ", "\nReceived: (qmail", "\nReceived: "} {
		if at := strings.Index(text, start); at >= 0 {
			if h, _ := split(text[at+1:]); isMail(h) {
				return text[:at], text[at+1:]
			}
		}
	}
	return text, ""
}

// isMail reports whether a header is one of a mail.
func isMail(h header) bool {
	n := 0
	for _, name := range []string{"received", "from", "to", "subject", "message-id", "date", "return-path"} {
		if h.get(name) != "" {
			n++
		}
	}
	return n >= 2
}

// reportIn finds the fields of a delivery report in a text that has no part of its
// own for it.
func reportIn(text string) []string {
	lower := strings.ToLower(text)
	at := strings.Index(lower, "\nfinal-recipient:")
	if at < 0 || !strings.Contains(lower[at:], "\naction:") && !strings.Contains(lower[at:], "\nstatus:") {
		return nil
	}
	if start := strings.LastIndex(lower[:at], "\nreporting-mta:"); start >= 0 {
		at = start
	}
	return []string{text[at+1:]}
}

// headersIn are the groups of fields of a report.
func headersIn(report string) []header {
	var all []header
	for rest := strings.TrimLeft(report, "\n "); rest != "" && len(all) < 60; {
		h, after := split(rest)
		if len(h) > 0 {
			all = append(all, h)
		} else if line, next, _ := strings.Cut(after, "\n"); line != "" {
			after = next // a line that is no field
		}
		rest = strings.TrimLeft(after, "\n")
	}
	return all
}

// verdicts says what became of each recipient.
func (m *message) verdicts() []Verdict {
	var found []refusal
	for _, report := range m.reports {
		for _, h := range headersIn(report) {
			if r, ok := reported(h); ok {
				found = append(found, r.apart(h)...)
			}
		}
	}
	named := m.named()
	switch {
	case len(found) == 0 && len(named) > 0:
		found = named
	case len(found) == 0:
		found = []refusal{{text: m.text}}
	default:
		complete(found, named, m.text)
	}
	if len(found) == 1 && found[0].address == "" {
		found[0].address = m.failedRecipient()
	}
	var vs []Verdict
	for _, r := range found {
		v := r.judge(m)
		if !slices.ContainsFunc(vs, func(o Verdict) bool { return o.Address == v.Address && v.Address != "" }) {
			vs = append(vs, v)
		}
	}
	return vs
}

// refusal is what is said about one recipient.
type refusal struct {
	address string
	action  string // of a report: "failed", "delayed", "delivered"
	status  string // of a report
	text    string // of the server that refused
	around  string // what else is said, "" for nothing
	host    string // of the server that refused
}

// reported reads the group of one recipient in a report.
func reported(h header) (refusal, bool) {
	var r refusal
	for _, name := range []string{"final-recipient", "original-recipient", "x-actual-recipient"} {
		if r.address == "" {
			r.address = addressOf(strings.ReplaceAll(h.get(name), ";", " "))
		}
	}
	r.action, _, _ = strings.Cut(strings.ToLower(h.get("action")), " ")
	r.status = statusPattern.FindString(h.get("status"))
	r.text = strings.Join(append(h.all("diagnostic-code"), h.all("x-supplementary-info")...), " ")
	r.around = h.get("status")
	r.host = h.get("remote-mta")
	return r, r.address != "" || r.action != "" && r.status != ""
}

// apart parts a group that tells of several recipients, each with its own diagnosis.
func (r refusal) apart(h header) []refusal {
	var parts []refusal
	for _, text := range h.all("diagnostic-code") {
		one := r
		one.text, one.status = text, ""
		if one.address = addressOf(text); one.address == "" {
			return []refusal{r}
		}
		parts = append(parts, one)
	}
	if len(parts) < 2 || parts[0].address == parts[1].address {
		return []refusal{r}
	}
	return parts
}

// complete gives reports that say little what the text says of the same address.
func complete(found, named []refusal, text string) {
	for i := range found {
		r := &found[i]
		at := slices.IndexFunc(named, func(n refusal) bool { return n.address == r.address && r.address != "" })
		switch {
		case at >= 0:
			r.around += " " + named[at].text
		case len(found) == 1:
			r.around += " " + text
		}
	}
}

// failedRecipient is whom the mail went to, by what the bounce says outside its
// text.
func (m *message) failedRecipient() string {
	if a := addressOf(m.header.get("x-failed-recipients")); a != "" {
		return a
	}
	original, _ := split(strings.TrimLeft(m.original, "\n"))
	for _, name := range []string{"x-original-to", "delivered-to", "to"} {
		if a := addressOf(original.get(name)); a != "" {
			return a
		}
	}
	return ""
}

// begins are lines that name a recipient whose refusal follows.
var begins = regexp.MustCompile(`(?i)^[ \t>*.]*(?:(?:to|recipient|address|user|final-recipient|original-recipient|failed recipient|recipient address|email address|mailbox|の?宛先|宛先)[ \t]*[:;=][ \t]*(?:rfc822;)?[ \t]*)?<?["']?([^\s<>"'();:,]+@[^\s<>"'();:,]+?)["']?>?[ \t]*(?:\.?$|\.?[:;,(]|\.\.\.|\.?[ \t])`)

// named finds the recipients that the text names, each with what follows it.
func (m *message) named() []refusal {
	lines := strings.Split(m.text, "\n")
	var found []refusal
	at := []int{}
	for i, line := range lines {
		if match := begins.FindStringSubmatch(line); match != nil {
			a := addressesIn(match[1])
			if len(a) == 1 && !senders.MatchString(a[0]) && !m.isOurs(a[0]) {
				found, at = append(found, refusal{address: a[0]}), append(at, i)
			}
		}
	}
	head := ""
	if len(found) > 0 {
		head = strings.Join(lines[:at[0]], "\n")
	}
	for i := range found {
		end := len(lines)
		if i+1 < len(found) {
			end = at[i+1]
		}
		found[i].text = strings.Join(lines[at[i]:end], "\n")
		found[i].around = head
		if len(found) == 1 {
			found[i].around = m.text
		}
	}
	return merged(found)
}

// isOurs reports whether an address is the one that the bounce went to.
func (m *message) isOurs(address string) bool {
	return slices.Contains(addressesIn(m.header.get("to")), address) && address != addressOf(m.header.get("x-failed-recipients"))
}

// merged joins what is said in several places about one recipient.
func merged(found []refusal) []refusal {
	var out []refusal
	for _, r := range found {
		at := slices.IndexFunc(out, func(o refusal) bool { return o.address == r.address })
		if at < 0 {
			out = append(out, r)
			continue
		}
		out[at].text += "\n" + r.text
	}
	return out
}
