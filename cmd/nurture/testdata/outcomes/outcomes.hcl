# What the starter does not have of its own: a newsletter with experiments and a
# hold-out, paper mail, callbacks for which there is a queue, a funnel and a review.

event "campaign_joined" {}
event "trial_started" {}
event "paper_wanted" {}
event "callback_wanted" {}
event "postal_sent" {}

contact_policy "open" { requires = consent.marketing }

channel "letters" {
  plugin = "postal"

  config {
    folder   = "PAPER_FOLDER"
    encoding = "utf8"
    cost     = 110
  }
}

workflow "campaign" {
  holdout = 20

  enter { on = event.campaign_joined }

  goal "trial" {
    on     = event.trial_started
    within = "30d"
  }

  steps {
    email "first" {
      policy   = contact_policy.open
      template = "document/thanks.md"

      experiment "subject" {
        measure = "trial_started"
        within  = "7d"
        decide  = "after 400 sends each, 95% sure"

        variant "plain" {
          subject = "How others close their month"
          tags    = ["plain"]
        }

        variant "number" {
          subject = "Three steps to a shorter month"
          tags    = ["number"]
        }
      }
    }

    email "second" {
      policy   = contact_policy.open
      subject  = "What they did next"
      template = "document/case_study.md"

      experiment "send_time" {
        measure = "click"
        within  = "3d"
        decide  = "after 200 sends each, 95% sure"

        slot "tue_morning" { at = "tue 09:00" }
        slot "wed_noon" { at = "wed 12:10" }
        slot "thu_afternoon" { at = "thu 16:30" }
      }
    }

    exit "done" {}
  }
}

workflow "paper" {
  enter { on = event.paper_wanted }

  steps {
    postal "brochure" {
      policy   = contact_policy.open
      piece    = "brochure"
      postcode = "100-0001"
      address  = "1-1 Chiyoda, Tokyo"
      name     = "{{ lead.first_name ?? 'Sir or Madam' }}"
    }

    exit "done" {}
  }
}

toss_up "callback" {
  label    = "Callback"
  on       = event.callback_wanted
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "Please call {{ lead.email }}"
    payload = { email = "{{ lead.email }}" }
  }

  capacity {
    at_most   = 2
    per       = "1 business day"
    order_by  = score.interest
    inquiries = "wait"
  }
}

kpi "in_target" {
  label = "Leads in the target segment"
  value = "segment.target_account.leads"
}

kpi "printed" {
  label = "Letters handed to the printer"
  count = event.postal_sent
  over  = "28d"
}

kpi "opens" {
  label  = "Opens of the letter"
  rate   = event.email_opened
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  target = 0.9
}

kpi "clicks" {
  label  = "Clicks in the letter"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  target = 0.9
}

kpi "clicks_by_link" {
  label = "Clicks by kind of link"
  count = event.email_clicked
  by    = ["link_class"]
  over  = "28d"
}

funnel "year" {
  label  = "The year"
  period = "FUNNEL_PERIOD"
  goal   = 20

  step "written" {
    label = "Written to"
    count = event.email_delivered
    when  = "event.workflow == 'letter'"
  }

  step "inquired" {
    label = "Inquiries"
    count = event.inquired
    rate  = 0.5
  }

  step "opportunity" {
    label = "Opportunities"
    count = event.opportunity_created
    rate  = 0.5
  }

  step "won" {
    label = "Deals won"
    count = event.deal_won
    rate  = 0.5
  }
}

review "weekly" {
  label    = "Weekly review"
  schedule = "0 9 * * 1"
}

kpi "mails_by_tag" {
  label = "Mails by tag of their subject"
  count = event.email_delivered
  by    = ["tag"]
  over  = "90d"
}
