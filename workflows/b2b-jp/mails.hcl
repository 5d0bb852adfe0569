# 資料ダウンロードのお礼。求められたものなので、夜間や同意の有無にかかわらずお送りします。
workflow "download" {
  label = "資料ダウンロードのフォロー"
  owner = "marketing@takane.example.co.jp"
  lane  = "mail"

  enter { on = event.downloaded }

  re_enter { after = "30d" }

  exit "with_sales" { when = "lead.stage in ['sal', 'opportunity', 'customer']" }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "thanks" {
      subject       = "【資料送付】たかね工程ナビ ご請求いただいた資料のご案内"
      template      = "b2b/thanks.md"
      transactional = true
    }

    wait "let_them_read" { for = "3 business days" }

    email "first_step" {
      subject  = "工程表を作り直す時間を、どこから減らせるか"
      template = "b2b/first_step.md"
      send     = "tue-thu 09:30-16:30"
    }

    exit "done" {}
  }
}

# 顕在になった方へ。download の途中の方は、こちらに移ります（同じ lane で priority が上）。
workflow "active" {
  label    = "顕在リードのフォロー"
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
      subject  = "「工程会議が週3回から1回になりました」【導入事例】"
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
          subject  = "{{ lead.last_name ?? 'ご担当者' }}様、いまの工程表をもとに30分で整理いたします"
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
