package dsl

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// touchParts are the parts of the lead's first and last touch, and what each is
// called.
var touchParts = map[string]Doc{
	engine.OriginAt:       {"time", "日時"},
	engine.OriginClass:    {"class", "種類"},
	engine.OriginSource:   {"source", "参照元"},
	engine.OriginMedium:   {"medium", "媒体"},
	engine.OriginCampaign: {"campaign", "キャンペーン"},
	engine.OriginPage:     {"landing page", "最初のページ"},
}

// firstTouchDoc and lastTouchDoc tell what the touches are.
var (
	firstTouchDoc = Doc{
		"What brought the lead first: `source`, `medium` and `campaign` of the address (utm_…) or of a click on a message, else the site it came from; `page`, the first page's path; `at`, the time; `class`, one of paid, mail, social, search, campaign, referral, direct.",
		"リードを最初に連れてきたもの。`source`・`medium`・`campaign` はアドレスの utm_… やメッセージのクリックの値で、なければ参照元のサイト。`page` は最初のページのパス、`at` は日時、`class` は paid・mail・social・search・campaign・referral・direct のどれかです。",
	}
	lastTouchDoc = Doc{
		"What brought the lead last, with the parts of first_touch. A visit that nobody sent (direct) does not replace it.",
		"リードを最後に連れてきたもの。項目は first_touch と同じです。どこからも送られていない訪問（direct）では置きかわりません。",
	}
)

// touch is a part of the lead's first or last touch.
func (c *checker) touch(n *ast.MemberNode, space string, prop *ast.StringNode) operand {
	if touchParts[prop.Value] == (Doc{}) {
		return c.undeclared(n, space, prop, names(touchParts))
	}
	which := engine.FirstTouch
	if space == "last_touch" {
		which = engine.LastTouch
	}
	key := engine.Key{Kind: engine.KeyTouch, Name: prop.Value, Arg: which}
	if prop.Value == engine.OriginAt {
		o := c.fact(key, timeKind)
		o.empty = true
		return o
	}
	o := c.fact(key, textKind)
	o.empty, o.blank = true, true
	if prop.Value == engine.OriginClass {
		o.vocab = &vocabulary{"N121", space + ".class", engine.OriginClasses}
	}
	return o
}

// touch is a part of a touch in words.
func (s speaker) touch(space, name string) string {
	part := touchParts[name].In(s.lang)
	if space == "first_touch" {
		return s.say("{0} of the first touch", "最初の接点の{0}", part)
	}
	return s.say("{0} of the last touch", "最後の接点の{0}", part)
}

// slots are the slots of the web site that some step shows something in.
func (s *Scope) slots() map[string]bool {
	all := map[string]bool{}
	for _, w := range s.Workflows {
		for _, slot := range w.Slots {
			all[slot] = true
		}
	}
	return all
}

// shown is the step that shows something in a slot of the web site.
func (c *checker) shown(n *ast.CallNode, slot string) operand {
	if !c.may(famShown, n, "shown") || !declaredArg(c, "N147", n.Arguments[0], slot, c.sc.slots()) {
		return bad
	}
	o := c.fact(engine.Key{Kind: engine.KeyShown, Name: slot}, textKind)
	var steps []string
	for _, name := range names(c.sc.Workflows) {
		if w := c.sc.Workflows[name]; slices.Contains(w.Slots, slot) {
			steps = append(steps, w.Steps...)
		}
	}
	o.vocab = &vocabulary{"N122", "shown('" + slot + "')", append(steps, "")}
	return o
}
