# 手引きは、ご請求いただいたものなのですぐに。その先は、同意を確認できた方にだけお送りします。
workflow "guide" {
  label = "手引きと、ご検討の材料"
  owner = "marketing@hibarino.example.co.jp"

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
      subject       = "【資料】工場の一週間の計画の立て方"
      template      = "account/guide.md"
      transactional = true # ご請求への返事なので、同意がなくても、夜でもお送りします
    }

    # まだ確認されていない方は、1週間お待ちします。
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
      subject  = "はしばみ鋳造が、金曜の残業をなくすまで"
      template = "account/case_study.md"
      topic    = "cases"
    }

    exit "sent" {}
  }
}
