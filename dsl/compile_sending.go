package dsl

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// channelsAndPolicies compiles the ways out and the promises that stand before
// them.
func (b *builder) channelsAndPolicies() {
	b.sorted("channel", b.channel)
	b.guards = b.consentSegments()
	b.sorted("contact_policy", b.policy)
	b.confirmations()
}

// defaultRetry is what a channel does that says nothing: "5 times over 24h".
var defaultRetry = engine.RetrySpec{Times: 5, Over: 24 * engine.Hour}

func (b *builder) channel(n *node) {
	c := Channel{Name: n.label, Plugin: n.text("plugin"), Retry: defaultRetry}
	t := b.o.Catalog.find(c.Plugin)
	if a := n.get("plugin"); a != nil && t == nil {
		known := b.o.Catalog.plugins()
		b.r.add(codeUnknownPlugin, a.place(), a.in(), a.text, strings.Join(known, ", ")).suggest(quoted(closest(a.text, known)))
	}
	rate := n.get("rate")
	if rate != nil {
		c.Rate = Rate{N: int(rate.num), Per: rate.over}
	} else if t != nil {
		if count, per, ok := parsePer(t.Rate); ok {
			c.Rate = Rate{N: int(count), Per: per}
		}
	}
	if a := n.get("retry"); a != nil {
		c.Retry = engine.RetrySpec{Times: int(a.num), Over: a.over}
	}
	if a := n.get("at_once"); a != nil {
		c.AtOnce = int(a.num)
	}
	c.Domains = b.domains(n)
	if t == nil {
		return
	}
	if t.Missing {
		a := n.attrs["plugin"]
		b.r.add(codeNoBinary, a.place(), a.in(), t.Plugin, n.label)
	}
	c.Config = Config{values: b.config(n, t)}
	b.channels = append(b.channels, c)
	spec := engine.ChannelSpec{
		Name: c.Name, Plugin: c.Plugin, Reach: t.Reach, Keyed: t.Keyed && !n.flag("at_most_once"), Retry: c.Retry,
		Ordered: t.Ordered || n.text("order") == "lead", Answers: t.Answers, Domains: len(c.Domains) > 0,
	}
	b.spec.Channels = append(b.spec.Channels, spec)
	b.meaning["channel "+c.Name] = channelText(c, t, &spec)
}

// domains reads the bounds for single domains of recipients.
func (b *builder) domains(n *node) map[string]DomainLimit {
	var limits map[string]DomainLimit
	places := map[string]hcl.Range{}
	for _, k := range n.all("domain") {
		name := strings.ToLower(k.label)
		if name != "*" && !isDomain(name) {
			b.r.add(codeBadDomain, k.labelPlace(), n.trail(), k.label)
			continue
		}
		if before, twice := places[name]; twice {
			b.r.add(codeTwice, k.labelPlace(), n.trail(), "domain", k.label).also(before)
			continue
		}
		places[name] = k.labelPlace()
		var limit DomainLimit
		if a := k.get("rate"); a != nil {
			limit.Rate = Rate{N: int(a.num), Per: a.over}
		}
		if a := k.get("at_once"); a != nil {
			limit.AtOnce = int(a.num)
		}
		if limits == nil {
			limits = map[string]DomainLimit{}
		}
		limits[name] = limit
	}
	return limits
}

// isDomain reports whether a text is the part of an address behind the @.
func isDomain(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsAny(part, "@*/: \t") {
			return false
		}
	}
	return strings.Contains(s, ".")
}

// config reads config { } by what the plugin describes.
func (b *builder) config(n *node, t *ChannelType) map[string]any {
	k := n.one("config")
	if k == nil {
		for _, a := range t.Config.Attrs {
			if a.Required {
				b.r.add(codeMissingBlock, n.place(), n.trail(), n.title(), "config", configExample(t))
				break
			}
		}
		return map[string]any{}
	}
	own := &node{spec: t.Config, parent: n, block: k.block, src: k.src, attrs: map[string]*attribute{}}
	rd := &reader{r: b.r}
	rd.body(own, k.block.Body, k.src)
	rd.complete(own)
	d := &decoder{r: b.r, eval: b.eval}
	own.walk(d.node)
	return b.settings(own)
}

func configExample(t *ChannelType) string {
	var out strings.Builder
	out.WriteString("config {\n")
	for _, a := range t.Config.Attrs {
		if a.Required {
			out.WriteString("  " + a.Name + " = " + a.example() + "\n")
		}
	}
	out.WriteString("}")
	return out.String()
}

func (b *builder) settings(n *node) map[string]any {
	out := map[string]any{}
	for name := range n.attrs {
		if a := n.get(name); a != nil {
			out[name] = b.setting(a)
		}
	}
	for _, k := range n.kids {
		out[k.spec.Name] = b.settings(k)
	}
	return out
}

// setting is a value as JSON holds it, or a Secret of one.
func (b *builder) setting(a *attribute) any {
	if !a.spec.Sensitive {
		return a.plainJSON()
	}
	if len(a.secrets) == 0 {
		b.r.add(codeOpenSecret, a.place(), a.in(), a.src.Name, strings.ToUpper(a.src.Name))
	}
	return Secret{name: strings.Join(a.secrets, " "), value: a.plainJSON()}
}

func (a *attribute) plainJSON() any {
	switch a.spec.Type {
	case TypeNumber:
		return a.num
	case TypeFlag:
		return a.flag
	case TypeSpan:
		return a.length.String()
	case TypeTexts:
		list := make([]any, len(a.texts))
		for i, t := range a.texts {
			list[i] = t.text
		}
		return list
	case TypeAny:
		return anyOf(a.value)
	}
	return a.text
}

// anyOf is a value as JSON holds it.
func anyOf(v engine.Value) any {
	if v.Kind() != engine.JSON {
		return v.Any(nil)
	}
	var out any
	_ = json.Unmarshal([]byte(v.Text()), &out) // jsonValue made it
	return out
}

func channelText(c Channel, t *ChannelType, spec *engine.ChannelSpec) string {
	config, _ := json.Marshal(nameSecrets(c.Config.values)) // maps, texts and numbers only
	meaning, _ := json.Marshal([]any{c.Plugin, t.Version, c.Rate, c.Retry, string(config), c.AtOnce, c.Domains, spec.Ordered, spec.Keyed})
	return string(meaning)
}

func (b *builder) pluginOf(channel string) *ChannelType {
	n := b.declared["channel"][channel]
	if n == nil {
		return nil
	}
	return b.o.Catalog.find(n.text("plugin"))
}

func onBlocked(word string) engine.OnBlocked {
	if word == "skip" {
		return engine.Skip
	}
	return engine.Postpone
}

func (b *builder) policy(n *node) {
	s := engine.PolicySpec{
		Name: n.label, Requires: n.ref("requires"),
		Allowed:   b.conds(n.get("allowed"), b.scope.with(readsMessage, nil)),
		WhenQuiet: onBlocked(n.text("when_quiet")), WhenCapped: onBlocked(n.text("when_capped")),
	}
	s.Quiet = b.quiet(n)
	for _, k := range n.all("cap") {
		if c, ok := b.capSpec(n, k); ok {
			s.Caps = append(s.Caps, c)
		}
	}
	b.spec.Policies = append(b.spec.Policies, s)
}

func (b *builder) quiet(n *node) *calendar.Quiet {
	var days []string
	if a := n.get("quiet_days"); a != nil {
		for _, t := range a.texts {
			days = append(days, t.text)
		}
	}
	q, err := calendar.ParseQuiet(n.text("quiet_hours"), days, b.scope.Calendar)
	var m *calendar.Mistake
	if errors.As(err, &m) {
		name := "quiet_days"
		if !n.has(name) {
			name = "quiet_hours"
		}
		a := n.attrs[name]
		b.r.add(codeBadHours, a.place(), a.in(), m.Got, mistakeWords[m.Problem].doc, m.Write)
	}
	if q == nil {
		b.pair(n, "when_quiet", "quiet_hours")
	}
	return q
}

func (b *builder) capSpec(policy, n *node) (engine.CapSpec, bool) {
	s := engine.CapSpec{
		Channel: n.ref("channel"), Per: n.span("per"), When: onBlocked(policy.text("when_capped")),
	}
	if word := n.text("when_capped"); word != "" {
		s.When = onBlocked(word)
	}
	if a := n.get("at_most"); a != nil {
		s.AtMost = int(a.num)
	}
	if t := b.pluginOf(s.Channel); t != nil && t.Reach != engine.ReachLead {
		a := n.attrs["channel"]
		b.r.add(codeNotLead, a.place(), a.in(), s.Channel)
	}
	return s, s.Channel != "" && s.AtMost > 0 && s.Per > 0
}

// consentSegments are the segments whose members have given a consent, as far as
// their conditions ask for one, directly or by another segment.
func (b *builder) consentSegments() map[string]bool {
	out := map[string]bool{}
	for range b.spec.Segments { // as often as the longest way from one to another
		for _, s := range b.spec.Segments {
			out[s.Name] = out[s.Name] || asksConsent(s.When, out)
		}
	}
	return out
}

// asksConsent reports whether a condition reads a consent.
func asksConsent(conds []engine.Cond, segments map[string]bool) bool {
	for _, c := range conds {
		for _, k := range c.Reads() {
			if k.Kind == engine.KeyConsent || k.Kind == engine.KeySegment && segments[k.Name] {
				return true
			}
		}
	}
	return false
}
