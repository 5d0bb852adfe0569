# サイトの data-nurture-slot="hero" の要素に表示する内容です。訪問者の状況に合わせてすぐに変わり、
# メールの通数も使いません。ふたつのワークフローが重なったら、priority の大きいほうを表示します。

# お一人で料金をご覧の方には、手引きをおすすめします。
workflow "price_seen" {
  label    = "サイト：料金をご覧の方に手引き"
  owner    = "marketing@hibarino.example.co.jp"
  priority = 10

  enter {
    on   = event.pricing_viewed
    when = "not segment.customers and not segment.busy_companies"
  }

  re_enter { after = "30d" }

  exit "company" { when = "segment.busy_companies" }

  steps {
    show "guide_banner" {
      slot     = "hero"
      template = "site/guide.md"
      until    = [event.web_clicked, event.guide_requested]
      at_most  = "14d"
    }

    exit "seen" {}
  }
}

# 料金を検討中の会社の方には、チームでの相談会をおすすめします。同僚の行動には触れません。
# 訪問者の ID は、本人の証明にはならないからです。
workflow "team_offer" {
  label    = "サイト：チームでの相談会"
  owner    = "marketing@hibarino.example.co.jp"
  priority = 20

  enter { segment = segment.busy_companies }

  re_enter { after = "30d" }

  exit "asked" { on = event.inquired }

  steps {
    show "team_banner" {
      slot     = "hero"
      template = "site/team.md"
      until    = event.web_clicked
      at_most  = "14d"
    }

    exit "seen" {}
  }
}
