package dsl

import (
	"strings"
	"testing"
)

const settled = `# Before.
workflow "letter" {
  steps {
    split "half" {
      arm "left" {
        weight = 50

        # What everybody gets.
        email "issue" {
          subject  = "old"       # to be replaced
          template = "issue.md" # stays

          # About the experiment.
          experiment "wording" {
            measure = "click"

            variant "plain" {
              tags = ["plain"]
            }

            # A comment inside.
            variant "number" {
              subject = "5 ideas for {{ lead.company ?? 'you' }}"
              from    = <<-EOT
                a

                b
              EOT
              tags = ["number"]
            }
          }
        }
      }
    }

    # The time.
    email "news" {
      subject  = "News"
      template = "news.md"

      experiment "time" {
        measure = "click"

        slot "early" { at = "tue 09:30" }
        slot "late" { at = "thu 17:30" }
      }
    }

    exit "done" {} # after
  }
}
`

func TestSettle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		experiment, arm string
		has, hasNot     []string
	}{
		{"letter/issue/wording", "number", []string{
			"# What everybody gets.\n        email \"issue\" {\n          subject  = \"5 ideas for {{ lead.company ?? 'you' }}\" # to be replaced\n          template = \"issue.md\"",
			"# stays", "from     = <<-EOT\n                a\n\n                b\n              EOT\n        }\n      }", "# The time.", `experiment "time"`,
		}, []string{"About the experiment", "wording", "A comment inside", "tags", "old"}},
		{"letter/issue/wording", "plain", []string{"subject  = \"old\"", "# stays\n        }\n"}, []string{"wording", "tags"}},
		{"letter/news/time", "late", []string{
			"subject  = \"News\"\n      template = \"news.md\"\n      send     = \"thu 17:30\"\n    }\n\n    exit \"done\" {} # after", `experiment "wording"`,
		}, []string{"slot", "early"}},
	} {
		out, found, err := Settle("x.hcl", []byte(settled), c.experiment, c.arm)
		if err != nil || !found {
			t.Errorf("%s %s: found %v, %v", c.experiment, c.arm, found, err)
			continue
		}
		for _, want := range c.has {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s %s has no %q:\n%s", c.experiment, c.arm, want, out)
			}
		}
		for _, not := range c.hasNot {
			if strings.Contains(string(out), not) {
				t.Errorf("%s %s still has %q:\n%s", c.experiment, c.arm, not, out)
			}
		}
	}
}

func TestSettleRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src, experiment, arm, want string
		found                      bool
	}{
		{settled, "letter/issue/wording", "loud", `no arm "loud" in the file; it has: plain, number`, true},
		{settled, "letter/issue/other", "plain", "", false},
		{settled, "other/issue/wording", "plain", "", false},
		{settled, "wording", "plain", "WORKFLOW/STEP/EXPERIMENT", false},
		{"workflow {", "letter/issue/wording", "plain", "read x.hcl", false},
	} {
		_, found, err := Settle("x.hcl", []byte(c.src), c.experiment, c.arm)
		if found != c.found || (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: found %v, %v; want %v, %q", c.experiment, c.arm, found, err, c.found, c.want)
		}
	}
}
