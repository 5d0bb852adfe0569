package dsl

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// blockPage tells of a block that stands in a file by itself, and of all that may
// stand in it.
func (m *manual) blockPage(b *Block) {
	s := &sheet{page: Page{Path: "blocks/" + b.Name + ".md", Title: b.Name}, slugs: map[string]int{}}
	m.block(s, b, "", 1)
	if b.Name == "lead" {
		m.specialAttributes(s)
	}
	m.done(s)
}

// block writes a block and, below it, the blocks in it that are not told yet.
func (m *manual) block(s *sheet, b *Block, in string, level int) {
	kind := "block"
	if slices.Contains(m.steps, b) {
		kind = "step"
	}
	t := s.topic(Topic{
		Kind: kind, Name: b.Name, In: in, Title: b.Name, level: min(level, 4),
		Text: m.blockText(s.page.Path, b, in),
	})
	m.told[b] = t
	m.attributes(s, t, b.Attrs)
	m.blocksIn(s, b, t, level+1)
}

// blocksIn writes the blocks that stand in one. They are claimed before any of
// them is written: a block that stands in its own neighbours, as a step does, is
// told where it stands first.
func (m *manual) blocksIn(s *sheet, b *Block, t Topic, level int) {
	var own []*Block
	for _, k := range b.Blocks {
		if !m.claimed[k] && !slices.Contains(m.steps, k) {
			m.claimed[k] = true
			own = append(own, k)
		}
	}
	for _, k := range own {
		m.block(s, k, t.Path(), level)
	}
}

// attributes notes a block's attributes as topics.
func (m *manual) attributes(s *sheet, owner Topic, attrs []*Attr) {
	for _, a := range attrs {
		s.within(owner, Topic{
			Kind: "attribute", Name: a.Name, In: owner.Path(), Title: a.Name,
			Text: m.attributeText(s.page.Path, a),
		})
	}
}

// blockText is a block's section without its heading.
func (m *manual) blockText(from string, b *Block, in string) string {
	var t strings.Builder
	t.WriteString(b.Doc.In(m.language) + "\n\n")
	t.WriteString(m.form(b) + "\n\n")
	t.WriteString(fence("hcl in="+orWorkspace(in), b.Example))
	if b.Open {
		t.WriteString(m.openNote(b) + "\n\n")
	}
	if b.Foreign {
		t.WriteString(m.say("What may stand in it is what the plugin describes: see ", "書ける項目はプラグインごとに決まっています。") +
			m.link(from, "channels.md", "", m.say("channels", "チャネル")) + m.say(".", " を見てください。") + "\n\n")
	}
	t.WriteString(m.attributeTable(from, b.Attrs))
	t.WriteString(m.inside(from, b))
	return t.String()
}

func orWorkspace(in string) string {
	if in == "" {
		return "workspace"
	}
	return in
}

// form says how the block is written and how often.
func (m *manual) form(b *Block) string {
	form := map[Label]string{
		NoLabel: b.Name + " { … }", NameLabel: b.Name + ` "name" { … }`, TitleLabel: b.Name + ` "…" { … }`,
	}[b.Label]
	often := m.say("any number", "いくつでも")
	switch {
	case b.Least == 1 && b.Most == 1:
		often = m.say("exactly one", "必ずひとつ")
	case b.Least == 0 && b.Most == 1:
		often = m.say("at most one", "あってもひとつ")
	case b.Least > 0:
		often = fmt.Sprintf(m.say("at least %d", "%dつ以上"), b.Least)
	}
	return m.say("Written ", "書き方: ") + tick(form) + m.say(", ", "、") + often + m.say(".", "。")
}

func (m *manual) openNote(b *Block) string {
	switch b.Name {
	case "const":
		return m.say("Every attribute is a name of your own.", "項目の名前は自由です。")
	case "event", "emit":
		return m.say("Its attributes are the fields of the event.", "項目は、イベントの項目です。")
	}
	return m.say("Its attributes are those of the lead.", "項目は、リードの属性です。")
}

// inside lists the blocks that may stand in a block.
func (m *manual) inside(from string, b *Block) string {
	if len(b.Blocks) == 0 {
		return ""
	}
	if b.Blocks[0] == m.steps[0] {
		return m.say("Inside stand steps: ", "中にはステップを書きます: ") +
			m.link(from, "steps.md", "", m.say("steps of the language", "言語のステップ")) + m.say(", ", "、") +
			m.link(from, "channels.md", "", m.say("steps of channels", "チャネルのステップ")) + m.say(".", "。") + "\n\n"
	}
	var list []string
	for _, k := range b.Blocks {
		entry := tick(k.Name)
		if t := m.told[k]; t.Page != "" {
			entry = m.link(from, t.Page, t.Anchor, entry)
		}
		list = append(list, entry)
	}
	return m.say("Blocks inside: ", "中に書けるブロック: ") + strings.Join(list, m.say(", ", "、")) + m.say(".", "。") + "\n\n"
}

func (m *manual) attributeTable(from string, attrs []*Attr) string {
	if len(attrs) == 0 {
		return ""
	}
	var rows [][]string
	for _, a := range attrs {
		rows = append(rows, []string{tick(a.Name), m.valueOf(from, a), m.otherwise(a), m.meaning(a)})
	}
	head := []string{"attribute", "value", "default", "meaning"}
	if m.language == "ja" {
		head = []string{"項目", "値", "省略時", "意味"}
	}
	return table(head, rows) + "\n"
}

// valueOf tells the form of an attribute's value, with an example.
func (m *manual) valueOf(from string, a *Attr) string {
	f := formOf(a.Type)
	link := m.link(from, "values.md", Anchor(f.title.In(m.language)), f.title.In(m.language))
	switch {
	case len(a.Of) > 0:
		var words []string
		for _, w := range a.Of {
			words = append(words, tick(`"`+w+`"`))
		}
		return link + m.say(": ", "：") + strings.Join(words, m.say(", ", "、"))
	case len(a.Refs) > 0 && a.Example == "":
		return link + m.say(" to ", "：") + strings.Join(a.Refs, m.say(" or ", "、"))
	}
	return link + " " + tick(a.example())
}

func (m *manual) otherwise(a *Attr) string {
	switch {
	case a.Required:
		return m.say("required", "必須")
	case a.Default != "":
		return tick(a.Default)
	}
	return ""
}

func (m *manual) meaning(a *Attr) string {
	out := unmarked(a.Doc.In(m.language))
	if a.Sensitive {
		out += m.say(" Kept secret.", " 秘密として扱います。")
	}
	return strings.TrimSpace(out)
}

// unmarked keeps what a sentence says from being read as Markdown.
func unmarked(s string) string {
	return strings.NewReplacer("<", `\<`, "*", `\*`, "_", `\_`).Replace(s)
}

// attributeText is an attribute as a topic of its own.
func (m *manual) attributeText(from string, a *Attr) string {
	text := m.meaning(a) + "\n\n" + m.say("Value: ", "値: ") + m.valueOf(from, a)
	if o := m.otherwise(a); o != "" {
		text += "\n\n" + m.say("Default: ", "省略時: ") + o
	}
	return text
}

// specialAttributes are those that the engine knows by their names.
func (m *manual) specialAttributes(s *sheet) {
	var rows [][]string
	for _, name := range names(specialAttrs) {
		a := specialAttrs[name]
		rows = append(rows, []string{tick(a.kind + ` "` + name + `"`), a.why.In(m.language)})
	}
	for _, name := range names(reservedAttrs) {
		rows = append(rows, []string{tick(name), m.say("cannot be declared: ", "宣言できません。") + reservedAttrs[name].In(m.language)})
	}
	s.heading(2, m.say("Attributes with a meaning of their own", "決まった意味を持つ属性"))
	s.paragraph(table([]string{m.say("attribute", "属性"), m.say("meaning", "意味")}, rows))
}

// stepsPage tells of the steps that are the language's own.
func (m *manual) stepsPage() {
	s := m.page("steps.md", m.say("Steps", "ステップ"), m.say(
		"The steps of a workflow run in the order you read them. A lead's place is the name of its step, so steps can be inserted and moved while leads are inside. Besides these, every channel brings its own: see [channels](channels.md).",
		"ワークフローのステップは、書いた順に進みます。リードの居場所はステップの名前で決まるので、途中にいるリードがいても、追加や並べ替えができます。ほかに、チャネルごとのステップがあります（[チャネル](channels.md)）。",
	))
	for _, b := range m.steps {
		if !slices.Contains(m.catalog.kinds(), b.Name) {
			m.block(s, b, "workflow.steps", 2)
		}
	}
	m.done(s)
}

// channelsPage tells of the plugins: their config and their steps.
func (m *manual) channelsPage() {
	s := m.page("channels.md", m.say("Channels and their steps", "チャネルとそのステップ"), m.say(
		"A channel is a configured plugin. Each kind brings its own steps; what they all have stands first.",
		"チャネルはプラグインを設定したものです。種類ごとに固有のステップがあります。はじめに、どのステップにも共通の項目を示します。",
	))
	common := channelStepBlock(m.catalog, "").Attrs
	s.heading(2, m.say("What every step has", "共通の項目"))
	s.paragraph(m.attributeTable(s.page.Path, common))
	s.heading(2, m.say("Steps of channels", "チャネルのステップ"))
	for _, b := range m.channelSteps() {
		m.channelStep(s, b, common)
	}
	s.heading(2, m.say("Plugins", "プラグイン"))
	for _, t := range m.catalog {
		m.plugin(s, t)
	}
	m.done(s)
}

// channelSteps are the steps of channels, in the order of their plugins.
func (m *manual) channelSteps() []*Block {
	var out []*Block
	for _, t := range m.catalog {
		for _, step := range t.Steps {
			i := slices.IndexFunc(m.steps, func(b *Block) bool { return b.Name == step.Kind })
			if !slices.Contains(out, m.steps[i]) {
				out = append(out, m.steps[i])
			}
		}
	}
	return out
}

func (m *manual) channelStep(s *sheet, b *Block, common []*Attr) {
	own := *b
	own.Doc = Doc{fullSentence(b.Doc.En, "."), fullSentence(b.Doc.Ja, "。")}
	own.Attrs = slices.DeleteFunc(slices.Clone(b.Attrs), func(a *Attr) bool { return findAttr(common, a.Name) != nil })
	t := s.topic(Topic{
		Kind: "step", Name: b.Name, In: "workflow.steps", Title: b.Name, level: 3,
		Text: m.blockText(s.page.Path, &own, "workflow.steps"),
	})
	m.told[b] = t
	m.attributes(s, t, b.Attrs)
	for _, k := range b.Blocks {
		if !m.toldAlike(k) {
			m.block(s, k, t.Path(), 4)
		}
	}
}

// toldAlike finds a block of the same name that another kind of step has too.
func (m *manual) toldAlike(b *Block) bool {
	for _, step := range m.channelSteps() {
		if other := step.block(b.Name); other != nil && m.told[other] != (Topic{}) {
			return true
		}
	}
	return false
}

func (m *manual) plugin(s *sheet, p *ChannelType) {
	var text strings.Builder
	text.WriteString(m.say(fullSentence(p.Doc.En, ".")+" ", fullSentence(p.Doc.Ja, "。")) + m.reach(p) + "\n\n")
	if p.Missing {
		text.WriteString(m.say(
			"> Described and checked, and not part of this build: `serve` refuses it.",
			"> 説明と確認だけができ、このビルドには含まれていません。`serve` では読み込めません。") + "\n\n")
	}
	if p.Rate != "" {
		text.WriteString(m.say("Asked no faster than ", "速さの上限: ") + p.Rate + m.say(" unless the channel says otherwise.", "（チャネルで変えられます）。") + "\n\n")
	}
	var kinds []string
	for _, k := range p.Steps {
		kinds = append(kinds, tick(k.Kind))
	}
	text.WriteString(m.say("Steps: ", "ステップ: ") + strings.Join(kinds, m.say(", ", "、")) + m.say(".", "。") + "\n\n")
	text.WriteString(m.say("What may stand in `config`:", "`config` に書ける項目:") + "\n\n")
	text.WriteString(m.attributeTable(s.page.Path, p.Config.Attrs))
	for _, b := range p.Config.Blocks {
		text.WriteString(tick(b.Name+" { … }") + m.say(": ", "：") + b.Doc.In(m.language) + "\n\n" + m.attributeTable(s.page.Path, b.Attrs))
	}
	t := s.topic(Topic{
		Kind: "plugin", Name: p.Plugin, In: "channel", Title: m.say("Plugin ", "プラグイン ") + p.Plugin,
		level: 3, Text: text.String(),
	})
	m.attributes(s, t, p.Config.Attrs)
}

// fullSentence makes a sentence of a few words: a plugin tells of itself without a
// full stop.
func fullSentence(s, stop string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], stop) + stop
}

func (m *manual) reach(p *ChannelType) string {
	switch fmt.Sprint(p.Reach) {
	case fmt.Sprint(reaches["lead"]):
		return m.say("It reaches leads: consent, quiet hours and caps apply.", "リードに届くため、同意・送らない時間・上限が適用されます。")
	case fmt.Sprint(reaches["staff"]):
		return m.say("It reaches colleagues.", "社内の人に届きます。")
	}
	return m.say("It reaches a system.", "システムに届きます。")
}

// link leads from one page of the reference to another.
func (m *manual) link(from, to, anchor, text string) string {
	rel := to
	if dir := path.Dir(from); dir != "." {
		rel = "../" + to
		if inner, ok := strings.CutPrefix(to, dir+"/"); ok {
			rel = inner
		}
	}
	if from == to {
		rel = ""
	}
	if anchor != "" {
		rel += "#" + anchor
	}
	return "[" + text + "](" + rel + ")"
}
