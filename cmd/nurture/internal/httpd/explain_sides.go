package httpd

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// ExplainArm tells, while a part of the leads tries a change, which rules decide about a
// lead.
type ExplainArm struct {
	Arm      string  `json:"arm" enum:"canary,control" doc:"canary: the change decides about this lead. control: the rules that run for everybody else."`
	Revision uint32  `json:"revision" doc:"That decides about this lead."`
	Other    uint32  `json:"other" doc:"That decides about the leads of the other arm."`
	Percent  float64 `json:"percent" doc:"Of the leads try the change."`
	Foreign  bool    `json:"foreign,omitempty" doc:"Only the other arm's rules have what is asked about: they are what is told, and do not decide about this lead."`
	Text     string  `json:"text"`
}

// armsOfLead are the rules in force while a change is tried, as one lead sees them.
type armsOfLead struct {
	arm     engine.Arm
	own     *engine.Program // decides about the lead
	other   *engine.Program
	percent float64
	foreign bool
}

// armsOf are the two sides of the change that is tried; nil where none is, or was not
// then, and where another revision is asked.
func armsOf(p *engine.Program, lead engine.LeadID, at engine.Time, ask *ExplainAsk) *armsOfLead {
	c, terms := p.Canary()
	if c == nil || ask.Revision != 0 || ask.At != "" && at < terms.Since {
		return nil
	}
	running := p.WithoutCanary()
	if p.InCanary(lead) {
		return &armsOfLead{arm: engine.CanaryArm, own: c, other: running, percent: terms.Percent}
	}
	return &armsOfLead{arm: engine.ControlArm, own: running, other: c, percent: terms.Percent}
}

// doc puts into words which side decides; nil where there is one only.
func (a *armsOfLead) doc(language, subject string) *ExplainArm {
	if a == nil {
		return nil
	}
	d := &ExplainArm{Arm: a.arm.String(), Revision: a.own.Revision(), Other: a.other.Revision(), Percent: a.percent, Foreign: a.foreign}
	ja := lang(language) == japanese
	switch {
	case a.arm == engine.CanaryArm && ja:
		d.Text = fmt.Sprintf("このリードは、試している変更 r%d が判断します（リードの %g%%。ほかは r%d）。", d.Revision, d.Percent, d.Other)
	case a.arm == engine.CanaryArm:
		d.Text = fmt.Sprintf("r%d, a change that is tried by %g %% of the leads, decides about this lead; r%d decides about the others.", d.Revision, d.Percent, d.Other)
	case ja:
		d.Text = fmt.Sprintf("このリードは、今のルール r%d が判断します（試している変更 r%d は、ほかの %g%% のリードが対象）。", d.Revision, d.Other, d.Percent)
	default:
		d.Text = fmt.Sprintf("r%d decides about this lead; r%d, a change that is being tried, decides about %g %% of the leads, and not about this one.", d.Revision, d.Other, d.Percent)
	}
	if !a.foreign {
		return d
	}
	if ja {
		d.Text += fmt.Sprintf("%s は r%d だけにあり、このリードは対象外です。以下は r%d で見た場合です。", subject, d.Other, d.Other)
	} else {
		d.Text += fmt.Sprintf(" Only r%d has %s: it does not decide about this lead, and below is what it would say.", d.Other, subject)
	}
	if a.arm == engine.CanaryArm {
		if ja {
			d.Text += "試す前に入ったワークフローは、今のルールのまま続きます。"
		} else {
			d.Text += " What the lead had entered before the change was tried goes on by it."
		}
	}
	return d
}
