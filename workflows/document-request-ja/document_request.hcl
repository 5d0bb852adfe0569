# 資料請求 → お礼と資料 → 導入事例 → 反応に応じたご案内。
# 途中で営業に渡った方、配信を停止した方は、その瞬間に出ます。
workflow "document_request" {
  label = "資料請求フォロー"
  owner = "marketing@minamo.example.co.jp"

  enter { on = event.document_requested }

  re_enter {
    after   = "90d"
    at_most = 3
  }

  exit "handed_over" { on = toss_up.hot_lead }
  exit "inquired" { on = toss_up.inquiry }
  exit "opted_out" { when = "lead.unsubscribed" }

  # ここから下は、書いた順に進みます。
  steps {
    # ご本人が求めた資料なので、夜間や同意の有無にかかわらずお送りします。
    email "thanks" {
      subject       = "【資料送付】みなも請求クラウド サービス資料のご案内"
      template      = "document/thanks.md"
      transactional = true
    }

    wait "let_them_read" { for = "1 business day" }

    email "case_study" {
      subject  = "{{ lead.industry ?? '同じ業界' }}のお客様は、請求業務をこう変えました【導入事例】"
      template = "document/case_study.md"
      send     = "mon-fri 09:30-17:30"
    }

    wait "reaction" {
      on      = event.email_clicked
      at_most = "3 business days"
    }

    branch "interest" {
      case "clicked" {
        when = "did('email_clicked', '7d')"

        email "how_to_choose" {
          subject  = "{{ lead.last_name ?? 'ご担当者' }}様、料金プランの選び方を3つの視点でまとめました"
          template = "document/how_to_choose.md"
          send     = "mon-fri 09:30-17:30"
        }
      }

      case "opened_only" {
        when = "did('email_opened', '7d')"

        email "summary" {
          subject  = "【1分で読めます】請求業務の電子化、はじめの一歩"
          template = "document/summary.md"
          send     = "mon-fri 09:30-17:30"
        }
      }

      otherwise {
        wait "quiet" { for = "14d" }

        exit "no_reaction" {}
      }
    }

    wait "think_it_over" { for = "3 business days" }

    email "consultation" {
      subject  = "貴社の請求業務に合わせた進め方を、30分でご一緒に整理します"
      template = "document/consultation.md"
      send     = "tue-thu 10:00-16:00"
    }

    wait "last_word" { for = "5 business days" }

    # 営業に渡るほどではなかった方を、インサイドセールスの一覧に残します。
    webhook "watch_list" {
      payload = {
        kind     = "watch_list"
        user_id  = "{{ lead.user_id ?? '' }}"
        company  = "{{ lead.company ?? '' }}"
        name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
        interest = "{{ score.interest | round() }}"
      }
    }

    exit "done" {}
  }
}
