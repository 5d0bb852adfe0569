workflow "follow" {
  label = "資料請求のフォロー"
  owner = "marketing@kita.example"

  enter {
    on   = event.document_requested
    when = "lead.stage in ['lead', 'mql']"
  }

  re_enter {
    after   = "90d"
    at_most = 3
  }

  exit "handed_over" { on = toss_up.hot }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "thanks" {
      subject       = "資料をお送りします"
      template      = "follow/thanks.md"
      transactional = true
    }

    wait "read" {
      on      = event.email_clicked
      at_most = "3d"
    }

    branch "interested" {
      case "clicked" {
        when = "did('email_clicked', '3d')"

        email "case_study" {
          subject  = "{{ lead.family_name ?? 'ご担当者' }} 様に近い導入事例"
          template = "follow/case_study.md"
          send     = "tue-thu 09:30-11:30"
        }
      }

      case "silent_boss" {
        when = "lead.役職 == '部長'"
      }

      otherwise {
        wait "quiet" { for = "5 business days" }
        exit "no_interest" {}
      }
    }

    webhook "tell_sales" {
      payload = {
        email = "{{ lead.email }}"
        note  = "読了"
        level = 2
      }
    }
  }

  moved {
    from = step.reminder
    to   = step.case_study
  }
}
