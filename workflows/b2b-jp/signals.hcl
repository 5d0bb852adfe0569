# 重要ページを見た方が、2日以内にもう一度来られるかを見守ります。はじめの3時間は、同じ訪問の
# 続きかもしれないので数えません。
workflow "key_page" {
  label = "重要ページのあとの再訪"
  owner = "marketing@takane.example.co.jp"

  enter {
    on   = event.key_page_viewed
    when = "lead.stage in ['latent', 'active']"
  }

  re_enter { after = "1h" }

  exit "with_sales" { when = "not (lead.stage in ['latent', 'active'])" }

  steps {
    wait "same_visit" { for = "3h" }

    wait "coming_back" {
      at_most = "45h" # あわせて2日

      case "returned" {
        on = event.page_read

        emit "tell" { event = event.key_page_returned }

        exit "returned" {}
      }

      otherwise {
        exit "stayed_away" {}
      }
    }
  }
}

# 注目アラート。渡すのではなく、インサイドセールスの一覧に載せるだけです。
# 電話をするかどうかは、担当者が決めます。
workflow "heads_up" {
  label = "注目アラート"
  owner = "inside-sales@takane.example.co.jp"

  enter {
    segment = segment.warm
    when    = "lead.stage in ['latent', 'active']" # 営業がすでに対応している方は除きます
  }

  re_enter { after = "30d" } # 同じ方のアラートは、月に一度までです

  steps {
    webhook "alert" {
      payload = {
        kind     = "heads_up"
        user_id  = "{{ lead.user_id ?? '' }}"
        company  = "{{ lead.company ?? '' }}"
        name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
        stage    = "{{ label(lead.stage) }}"
        interest = "{{ score.interest | round() }}"
      }
    }

    exit "told" {}
  }
}
