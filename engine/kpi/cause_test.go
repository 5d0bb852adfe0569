package kpi

import "testing"

func TestCauseOf(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]Cause{
		"email_opened": Opening, "email_clicked": Clicking, "unsubscribed": Leaving, "email_complained": Leaving,
		"email_bounced": Bouncing, "form_submitted": Converting, "document_requested": Converting, "email_replied": Replying,
		"toss_up.hot_lead.succeeded": HandingOver, "toss_up.hot_lead.accepted": Following, "toss_up.hot_lead.won": HandingOver,
		"reachable:mail": ReachingFew, "deal_won": WinningOften, "page_viewed": GettingFew, "something": Unknown,
	} {
		if got := CauseOf(what); got != want {
			t.Errorf("%s is repaired at %q, want %q", what, got, want)
		}
	}
}
