# 購読の申し込み → 確認メール → ようこそ。
workflow "welcome" {
  label = "購読の確認とようこそ"
  owner = "marketing@asahina.example.co.jp"

  enter {
    on   = event.signed_up
    when = "not consent.marketing"
  }

  re_enter { after = "7d" } # 確認を忘れた方も、あらためて申し込めます

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    # ご本人の申し込みを確かめるための連絡なので、同意の前でも夜間でもお送りします。
    email "confirm" {
      subject       = "【ご確認ください】ものづくり計測通信の購読お申し込み"
      template      = "newsletter/confirm.md"
      transactional = true
    }

    wait "confirmation" {
      at_most = "7d"

      case "confirmed" {
        on   = event.consent_given
        when = "event.purpose == 'marketing'"
      }

      otherwise {
        exit "not_confirmed" {}
      }
    }

    wait "a_little" { for = "1 business day" }

    email "best_of" {
      subject  = "ようこそ。はじめに読まれている3本の記事"
      template = "newsletter/best_of.md"
      topic    = "letter"
    }

    exit "subscribed" {}
  }
}

# 毎月第2・第4木曜日の通信。予定のたびに、そのときの購読者全員が入ります。
workflow "letter" {
  label    = "計測通信"
  owner    = "marketing@asahina.example.co.jp"
  priority = 10 # 上限の残りが一通なら、お知らせよりこちらを先に

  # 5% の方には送らず、商談の数を並べて比べます。通信に効果がなければ、ここに表れます。
  holdout = 5

  enter {
    schedule = "0 9 * * 4#2,4#4"
    segment  = segment.readers
    spread   = "2h" # 一度に送らず、2時間に分けます
  }

  goal "opportunity" {
    on     = event.opportunity_created
    within = "90d"
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "issue" {
      template = "newsletter/issue.md"
      topic    = "letter"
      send     = "thu-fri 09:00-17:00"

      # どんな書き方の件名が読まれるか。ひとりの方は、いつも同じ書き方で受け取ります。
      # tags は、件名を変えたあとも、実験をまたいで「数字入り」などの効果をまとめるためのものです。
      experiment "subject_style" {
        measure = "click"
        within  = "3d"
        decide  = "after 400 sends each, 95% sure"
        guard   = ["unsubscribed > 1%"] # 停止が増える件名は、早めに外します

        variant "plain" {
          subject = "ものづくり計測通信 {{ now | month() }}月号：検査工程の見直し方"
          tags    = ["plain"]
        }

        variant "number" {
          subject = "検査の手戻りを3割減らした、5つの見直し（{{ now | month() }}月号）"
          tags    = ["number"]
        }

        variant "question" {
          subject = "{{ lead.last_name ?? '読者' }}様、検査の手戻りは月に何件ありますか"
          tags    = ["question", "name"]
        }
      }
    }

    exit "sent" {}
  }
}

# 毎月最初の月曜日に、よく読まれる方への製品のお知らせ。送る時刻のほうを試します。
workflow "news" {
  label = "製品のお知らせ"
  owner = "marketing@asahina.example.co.jp"

  enter {
    schedule = "0 8 * * 1#1"
    segment  = segment.regulars
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "news" {
      subject  = "【製品のお知らせ】測定データを、そのまま品質記録に"
      template = "newsletter/news.md"
      topic    = "product"

      # 勝った時刻は、その日から自動で使います（apply = "auto"）。
      experiment "send_time" {
        measure = "click"
        within  = "3d"
        decide  = "after 200 sends each, 95% sure"
        apply   = "auto"

        slot "tue_morning" { at = "tue 09:00" }
        slot "wed_noon" { at = "wed 12:10" }
        slot "thu_afternoon" { at = "thu 16:30" }
      }
    }

    exit "sent" {}
  }
}
