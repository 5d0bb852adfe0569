# Document request → thanks and the document → a case study → what their reaction asks
# for. Who is handed to sales, or has had enough, leaves at that very moment.
workflow "document_request" {
  label = "Document request follow-up"
  owner = "marketing@harborledger.example.com"

  enter { on = event.document_requested }

  re_enter {
    after   = "90d"
    at_most = 3
  }

  goal "opportunity" {
    on     = event.opportunity_created
    within = "60d"
  }

  exit "handed_over" { on = toss_up.hot_lead }
  exit "inquired" { on = toss_up.inquiry }
  exit "opted_out" { when = "lead.unsubscribed" }

  # From here down it runs in the order you read it.
  steps {
    # They asked for it, so it goes at once: at night, and without consent to marketing.
    email "thanks" {
      subject       = "Your Harbor Ledger product guide"
      template      = "document/thanks.md"
      transactional = true
    }

    wait "let_them_read" { for = "1 business day" }

    email "case_study" {
      subject  = "How a {{ lead.industry ?? 'mid-sized' }} company closes its month in half a day"
      template = "document/case_study.md"
      send     = "mon-fri 09:00-16:30"
    }

    wait "reaction" {
      on      = event.email_clicked
      at_most = "3 business days"
    }

    branch "interest" {
      case "clicked" {
        when = "did('email_clicked', '7d')"

        email "how_to_choose" {
          subject  = "{{ lead.first_name ?? 'Hello' }}, three questions that settle which plan fits"
          template = "document/how_to_choose.md"
          send     = "mon-fri 09:00-16:30"
        }
      }

      case "opened_only" {
        when = "did('email_opened', '7d')"

        email "summary" {
          subject  = "Electronic invoicing in three lines"
          template = "document/summary.md"
          send     = "mon-fri 09:00-16:30"
        }
      }

      otherwise {
        wait "quiet" { for = "14d" }

        exit "no_reaction" {}
      }
    }

    wait "think_it_over" { for = "3 business days" }

    email "consultation" {
      subject  = "30 minutes on how you would move your invoicing"
      template = "document/consultation.md"
      send     = "tue-thu 10:00-15:30"
    }

    wait "last_word" { for = "5 business days" }

    # Who is not warm enough for sales stays on the list of inside sales.
    webhook "watch_list" {
      payload = {
        kind     = "watch_list"
        user_id  = "{{ lead.user_id ?? '' }}"
        company  = "{{ lead.company ?? '' }}"
        name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
        interest = "{{ score.interest | round() }}"
      }
    }

    exit "done" {}
  }
}
