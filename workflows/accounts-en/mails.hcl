# The guide at once, because it was asked for; what follows only to who has confirmed.
workflow "guide" {
  label = "Guide, and what helps to decide"
  owner = "marketing@larkfield.example.com"

  enter {
    on   = event.guide_requested
    when = "not segment.customers"
  }

  re_enter { after = "90d" }

  goal "opportunity" {
    on     = event.opportunity_created
    within = "90d"
  }

  exit "with_sales" { when = "lead.stage in ['sal', 'opportunity', 'customer']" }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "guide" {
      subject       = "Your guide: planning a workshop's week"
      template      = "account/guide.md"
      transactional = true # it was asked for: it needs no consent, and goes at night too
    }

    # Who has not confirmed yet has a week.
    branch "confirmed_before" {
      case "no" {
        when = "not consent.marketing"

        wait "confirmation" {
          at_most = "7d"

          case "confirmed" { on = event.consent_confirmed }

          otherwise {
            exit "not_confirmed" {}
          }
        }
      }

      otherwise {}
    }

    wait "settle_in" { for = "3 business days" }

    email "case_study" {
      subject  = "How Hazelbrook's planners got their Fridays back"
      template = "account/case_study.md"
      topic    = "cases"
    }

    exit "sent" {}
  }
}
