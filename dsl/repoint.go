package dsl

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Repoint is a change of a score's points and of the threshold that a toss-up
// compares it with.
type Repoint struct {
	Score     string
	Points    map[string]float64 // by rule; rules that are not named stay as they are
	TossUp    string
	Condition string  // the condition with the threshold, as it is written
	Bar       float64 // the new threshold
}

// Repointed writes the change into the source of a file, as far as the file holds
// what it is about; everything else, comments among it, stays as it is. A threshold
// that is written as const.NAME is changed where the constant is. done counts what
// was written.
func Repointed(file string, src []byte, r Repoint) (out []byte, done int, err error) {
	parsed, problems := hclwrite.ParseConfig(src, file, hcl.InitialPos)
	if problems.HasErrors() {
		return nil, 0, fmt.Errorf("read %s: %w", file, problems)
	}
	constant := constantOf(r.Condition)
	for _, b := range parsed.Body().Blocks() {
		switch {
		case b.Type() == "score" && slices.Equal(b.Labels(), []string{r.Score}):
			done += repointRules(b.Body(), r.Points)
		case b.Type() == "const" && constant != "" && b.Body().GetAttribute(constant) != nil:
			b.Body().SetAttributeValue(constant, cty.NumberFloatVal(r.Bar))
			done++
		case b.Type() == "toss_up" && constant == "" && slices.Equal(b.Labels(), []string{r.TossUp}):
			done += repointBar(b.Body(), r)
		}
	}
	if done == 0 {
		return src, 0, nil
	}
	out, left := Format(file, parsed.Bytes())
	if left.Count(Error) > 0 {
		return nil, done, fmt.Errorf("write the points into %s: %s", file, left.Render())
	}
	return out, done, nil
}

func repointRules(score *hclwrite.Body, points map[string]float64) (done int) {
	for _, rule := range score.Blocks() {
		if rule.Type() != "rule" || len(rule.Labels()) != 1 {
			continue
		}
		if p, ok := points[rule.Labels()[0]]; ok {
			rule.Body().SetAttributeValue("points", cty.NumberFloatVal(p))
			done++
		}
	}
	return done
}

var constantInCondition = regexp.MustCompile(`>=?\s*const\.([\pL_][\pL\pN_]*)`)

// constantOf is the constant that a condition's threshold is, "" for a number.
func constantOf(condition string) string {
	if m := constantInCondition.FindStringSubmatch(condition); m != nil {
		return m[1]
	}
	return ""
}

var numberInCondition = regexp.MustCompile(`(>=?\s*)-?[0-9]+(\.[0-9]+)?`)

// repointBar writes the threshold into the condition among those of `when`.
func repointBar(tossUp *hclwrite.Body, r Repoint) int {
	when := tossUp.GetAttribute("when")
	if when == nil {
		return 0
	}
	bar := strconv.FormatFloat(r.Bar, 'f', -1, 64)
	tokens := when.Expr().BuildTokens(nil)
	done := 0
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenQuotedLit && strings.TrimSpace(string(t.Bytes)) == strings.TrimSpace(r.Condition) {
			t.Bytes = numberInCondition.ReplaceAll(t.Bytes, []byte("${1}"+bar))
			done++
		}
	}
	tossUp.SetAttributeRaw("when", tokens)
	return done
}
