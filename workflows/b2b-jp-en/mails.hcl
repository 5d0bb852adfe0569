# What was downloaded goes at once: at night too, and without consent to marketing.
workflow "download" {
  label = "Download follow-up"
  owner = "marketing@takane.example.co.jp"
  lane  = "mail"

  enter { on = event.downloaded }

  re_enter { after = "30d" }

  exit "with_sales" { when = "lead.stage in ['sal', 'opportunity', 'customer']" }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "thanks" {
      subject       = "Your copy of the Takane Planner guide"
      template      = "b2b/thanks.md"
      transactional = true
    }

    wait "let_them_read" { for = "3 business days" }

    email "first_step" {
      subject  = "Where rescheduling takes your time, and where to begin"
      template = "b2b/first_step.md"
      send     = "tue-thu 09:30-16:30"
    }

    exit "done" {}
  }
}

# For those who became active. Who is still in download moves over: the lane is the same
# and the priority is higher.
workflow "active" {
  label    = "Active leads"
  owner    = "marketing@takane.example.co.jp"
  lane     = "mail"
  priority = 10

  enter {
    on   = event.stage_changed
    when = "event.to == 'active'"
  }

  re_enter { after = "60d" }

  goal "opportunity" {
    on     = event.opportunity_created
    within = "60d"
  }

  exit "with_sales" { when = "lead.stage in ['sal', 'opportunity', 'customer']" }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    wait "a_day" { for = "1 business day" }

    email "case_study" {
      subject  = "One planning meeting a week instead of three: a case study"
      template = "b2b/case_study.md"
      send     = "tue-thu 09:30-16:30"
    }

    wait "reaction" {
      on      = event.email_clicked
      at_most = "4 business days"
    }

    branch "next" {
      case "interested" {
        when = ["did('email_clicked', '7d') or did('key_page_viewed', '7d')", "score.interest >= const.notable"]

        email "consultation" {
          subject  = "{{ lead.first_name ?? 'Hello' }}, 30 minutes with your own schedule on the screen"
          template = "b2b/consultation.md"
          send     = "tue-thu 10:00-16:00"
        }

        exit "invited" {}
      }

      otherwise {
        exit "informed" {}
      }
    }
  }
}
