package dsl

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// inlet compiles a way in: source { }.
func (b *builder) inlet(n *node) {
	kind := n.text("kind")
	if kind == "" {
		kind = "segment"
	}
	s := &intake.Source{
		Name: n.label, Kind: intake.SourceKinds[kind], Channel: n.ref("channel"), Topic: n.text("topic"), Drop: n.text("otherwise") == "drop",
	}
	if a := n.get("rate"); a != nil && a.over > 0 {
		s.Rate = a.num * float64(engine.Second) / float64(a.over)
	}
	s.Origins = b.origins(n)
	names := b.proof(n, s, kind)
	maps := n.all("map")
	for _, k := range maps {
		if m, ok := b.mapping(k); ok {
			s.Maps = append(s.Maps, m)
		}
	}
	b.sourceFits(n, s, kind, maps)
	b.intakes = append(b.intakes, s)
	b.meaning["source "+s.Name] = sourceText(s, names)
}

// sourceFits reports what a kind of source needs, and what it has no use for.
func (b *builder) sourceFits(n *node, s *intake.Source, kind string, maps []*node) {
	needs := func(what string) { b.r.add(codeNeeds, n.place(), n.trail(), fmt.Sprintf("kind = %q", kind), what) }
	idle := func(name, en, ja string) {
		if a := n.attrs[name]; a != nil {
			b.r.add(codeUnusedHalf, a.src.NameRange, n.trail(), name, Doc{en, ja}, Doc{"Take it away.", "取り除いてください。"})
		}
	}
	if s.Kind == intake.Webhook && len(maps) == 0 {
		b.r.add(codeMissingBlock, n.place(), n.trail(), n.title(), "map", mapBlock().Example)
	}
	if len(maps) > 0 && s.Kind != intake.Webhook && s.Kind != intake.CloudEvents {
		b.r.add(codeUnusedHalf, maps[0].place(), n.trail(), "map",
			Doc{"messages of this kind have one form, which is known", "この種類のメッセージの形は決まっています"}, Doc{"Take it away.", "取り除いてください。"})
	}
	if !s.Kind.Receipts() {
		idle("channel", "only receipts of mails are about a channel", "チャネルに結び付くのは配信結果だけです")
	} else if !n.has("channel") {
		needs("channel")
	}
	if s.Kind != intake.SES {
		idle("topic", "only SES writes through a topic", "トピックを使うのは ses だけです")
	} else if !n.has("topic") {
		needs("topic")
	}
	if len(maps) == 0 {
		idle("otherwise", "there is no map", "map がありません")
	}
}

// origins are sites, each as a browser names it.
func (b *builder) origins(n *node) []string {
	a := n.get("origins")
	if a == nil {
		return nil
	}
	var out []string
	for _, t := range a.texts {
		host, secure := strings.CutPrefix(t.text, "https://")
		if !secure {
			host, secure = strings.CutPrefix(t.text, "http://")
		}
		if t.text != "*" && (!secure || host == "" || strings.ContainsAny(host, "/ ?#@*")) {
			b.r.add(codeBadPhrase, t.place, a.in(), t.text, Doc{"the address of a site", "サイトのアドレス"}, `"https://www.example.co.jp"`)
			continue
		}
		out = append(out, strings.ToLower(t.text))
	}
	return out
}

// schemeNeeds are the attributes that a scheme cannot do without.
var schemeNeeds = map[string][]string{
	"standard_webhooks": {"secret"}, "hmac": {"secret", "header"}, "header": {"secret", "header"},
	"bearer": {"secret"}, "basic": {"secret", "user"},
}

// schemeKnows are those that it can make use of besides.
var schemeKnows = map[string][]string{
	"standard_webhooks": {"tolerance"},
	"hmac":              {"algorithm", "encoding", "prefix", "timestamp", "signed", "tolerance"},
	"sendgrid":          {"public_key", "tolerance"},
}

// proof compiles verify. It gives the names of the secrets.
func (b *builder) proof(n *node, s *intake.Source, kind string) []string {
	k := n.one("verify")
	if k == nil {
		if s.Kind == intake.SES {
			s.Proof.Scheme = intake.SNS
		}
		if s.Kind == intake.SendGrid || s.Kind == intake.Postmark {
			b.r.add(codeMissingBlock, n.place(), n.trail(), n.title(), "verify", map[intake.SourceKind]string{
				intake.SendGrid: "verify {\n  public_key = \"…\"\n}",
				intake.Postmark: "verify {\n  user   = \"postmark\"\n  secret = secret(\"POSTMARK_SECRET\")\n}",
			}[s.Kind])
		}
		return nil
	}
	scheme := k.text("scheme")
	needed := schemeNeeds[scheme]
	switch {
	case s.Kind == intake.SES:
		b.r.add(codeUnusedHalf, k.place(), n.trail(), "verify",
			Doc{"Amazon signs what it sends, and that is verified", "Amazon の署名で確かめます"}, Doc{"Take it away.", "取り除いてください。"})
		s.Proof.Scheme = intake.SNS
		return nil
	case s.Kind == intake.SendGrid:
		scheme, needed = "sendgrid", []string{"public_key"}
		s.Proof.Scheme = intake.ECDSA
	case s.Kind == intake.Postmark && scheme == "":
		scheme, needed = "basic", schemeNeeds["basic"]
		s.Proof.Scheme = intake.Basic
	case scheme == "":
		b.r.add(codeMissingAttr, k.place(), k.trail(), "verify", "scheme", `"standard_webhooks"`)
		return nil
	default:
		s.Proof.Scheme = intake.Schemes[scheme]
	}
	for _, name := range needed {
		if !k.has(name) {
			b.r.add(codeNeeds, k.place(), k.trail(), fmt.Sprintf("scheme = %q", scheme), name)
		}
	}
	for _, name := range names(k.attrs) {
		if name != "scheme" && name != "old_secret" && !contains(needed, name) && !contains(schemeKnows[scheme], name) {
			b.r.add(codeUnusedHalf, k.attrs[name].src.NameRange, k.trail(), name,
				Doc{"the scheme " + scheme + " does not use it", scheme + " では使いません"}, Doc{"Take it away.", "取り除いてください。"})
		}
	}
	b.pair(k, "old_secret", "secret")
	b.pair(k, "signed", "timestamp")
	return b.proofOf(k, &s.Proof)
}

func (b *builder) proofOf(k *node, p *intake.Proof) []string {
	p.User, p.Prefix, p.Signed = k.text("user"), k.text("prefix"), k.text("signed")
	p.Header, p.Timestamp = strings.ToLower(k.text("header")), strings.ToLower(k.text("timestamp"))
	p.Algorithm, p.Encoding, p.Tolerance = k.text("algorithm"), k.text("encoding"), k.span("tolerance")
	for _, name := range []string{"header", "timestamp"} {
		if a := k.get(name); a != nil && (a.text == "" || strings.ContainsAny(a.text, " :\r\n\t")) {
			b.r.add(codeBadPhrase, a.place(), a.in(), a.text, Doc{"the name of a header", "ヘッダーの名前"}, `"X-Signature"`)
		}
	}
	if a := k.get("public_key"); a != nil {
		p.PublicKey = a.text
		if _, bad := intake.ParsePublicKey(a.text); bad != nil {
			b.r.add(codeBadPhrase, a.place(), a.in(), a.text, Doc{"a public key of ECDSA", "ECDSA の公開鍵"}, `"MFkwEwYHKoZIzj0CAQYI…"`)
		}
	}
	var secrets []string
	for _, name := range []string{"secret", "old_secret"} {
		a := k.get(name)
		if a == nil {
			continue
		}
		v, _ := b.setting(a).(Secret)
		if text, ok := v.value.(string); ok && text != "" {
			p.Secrets = append(p.Secrets, intake.Secret(text))
		}
		secrets = append(secrets, v.name)
	}
	return secrets
}

// mapping compiles one map.
func (b *builder) mapping(k *node) (intake.Map, bool) {
	m := intake.Map{Line: k.place().Start.Line}
	sound := true
	path := func(name string) intake.Path {
		a := k.get(name)
		if a == nil {
			return intake.Path{}
		}
		p, ok := intake.ParsePath(a.text)
		if !ok {
			b.r.add(codeBadPath, a.place(), a.in(), a.text)
			sound = false
		}
		return p
	}
	m.Each, m.User, m.Visitor = path("each"), path("user_id"), path("anonymous_id")
	m.Email, m.Time, m.ID = path("email"), path("time"), path("message_id")
	m.When = b.conds(k.get("when"), b.scope.with(readsPayload, nil))
	if m.Email.IsZero() && m.User.IsZero() && m.Visitor.IsZero() && sound {
		b.r.add(codeNeeds, k.place(), k.trail(), "map", "user_id / anonymous_id / email")
	}
	if !m.Email.IsZero() {
		if b.spec.KeyAttr == "" {
			b.r.add(codeNeeds, k.attrs["email"].src.NameRange, k.trail(), "email", "lead { key = … }")
		} else {
			m.EmailName = wireName(b.attrNode(b.spec.KeyAttr), b.spec.KeyAttr)
		}
	}
	if !k.has("event") && !k.has("attributes") {
		b.r.add(codeNeeds, k.place(), k.trail(), "map", "event / attributes")
	}
	b.pair(k, "fields", "event")
	event := k.ref("event")
	if info := b.scope.Events[event]; info != nil {
		if root := b.rootEvent(event); root != event {
			a := k.get("event")
			b.r.add(codeTestMoment, a.place(), a.in(), event, root).suggest("event." + root)
			return m, false
		}
		m.Event = wireName(b.declared["event"][event], event)
		m.Fields = b.mapFields(k.get("fields"), Doc{"field of " + event, event + " の項目"}, info.Fields, func(f string) *node { return b.fieldNode(b.declared["event"][event], f) })
	}
	m.Traits = b.mapFields(k.get("attributes"), Doc{"attribute", "属性"}, b.scope.Attributes, b.attrNode)
	return m, sound
}

// attrNode is the block that declares an attribute, nil for one without.
func (b *builder) attrNode(name string) *node {
	for _, l := range b.root.all("lead") {
		if n := b.fieldNode(l, name); n != nil {
			return n
		}
	}
	return nil
}

// wireName is the name under which something declared arrives.
func wireName(n *node, name string) string {
	if n != nil && n.text("name") != "" {
		return n.text("name")
	}
	return name
}

// mapFields reads names with a path or a value each.
func (b *builder) mapFields(a *attribute, what Doc, known map[string]*fieldInfo, of func(string) *node) []intake.MapField {
	if a == nil {
		return nil
	}
	var out []intake.MapField
	for i := range a.parts {
		if a.parts[i].Lit != nil {
			b.r.add(codeWrongType, a.place(), a.in(), a.src.Name, typeNames[TypeObject], a.spec.example())
			return nil
		}
		for j := range a.parts[i].Members {
			part := &a.parts[i].Members[j]
			f := known[part.Name]
			if f == nil {
				b.r.add(codeUnknownRef, part.Place, a.in(), what, part.Name, hintList(names(known))).suggest(closest(part.Name, names(known)))
				continue
			}
			if one, ok := b.mapField(a, part, f, of(part.Name)); ok {
				out = append(out, one)
			}
		}
	}
	return out
}

func (b *builder) mapField(a *attribute, part *part, f *fieldInfo, n *node) (intake.MapField, bool) {
	spec := b.fieldSpec(n, f)
	m := intake.MapField{Name: wireName(n, f.Name), Spec: &spec}
	if part.Lit != nil {
		p, ok := intake.ParsePath(part.Lit.Value)
		if !ok {
			b.r.add(codeBadPath, part.Lit.Range, a.in(), part.Lit.Value)
		}
		m.From = p
		return m, ok
	}
	if part.Members != nil || part.Const.IsNone() {
		b.r.add(codeBadDefault, part.Place, a.in(), part.Name, kindWord(f), Doc{"this", "これ"}, part.Name+` = "contact.name"`)
		return m, false
	}
	v, ok := spec.Convert(part.Const)
	if !ok {
		b.r.add(codeBadDefault, part.Place, a.in(), part.Name, kindWord(f), describe(part.Const), part.Name+" = "+kindExample(f))
		return m, false
	}
	m.Const = v
	return m, true
}

// sourceText is the meaning of a source, its secrets by their names.
func sourceText(s *intake.Source, secrets []string) string {
	var w strings.Builder
	p := s.Proof
	p.Secrets = nil
	fmt.Fprintf(&w, "%d %q %q %v %v %q %v %q\n", s.Kind, s.Channel, s.Topic, s.Drop, s.Rate, s.Origins, p, secrets)
	for i := range s.Maps {
		m := &s.Maps[i]
		fmt.Fprintf(&w, "map %q %q %q %q %q %q %q %q", m.Each, m.Event, m.User, m.Visitor, m.Email, m.Time, m.ID, m.EmailName)
		for _, c := range m.When {
			fmt.Fprintf(&w, " when %q", c.Meaning())
		}
		for _, list := range [...][]intake.MapField{m.Fields, m.Traits} {
			for _, f := range list {
				fmt.Fprintf(&w, " %q=%q/%q", f.Name, f.From, f.Const.Kind().String()+" "+f.Const.String())
			}
			w.WriteString(";")
		}
		w.WriteString("\n")
	}
	return w.String()
}
