# 最後に効くのは受注です。途中の数字は、どこを直せばよいかを知るために見ます。
kpi "deals" {
  label  = "受注"
  count  = event.deal_won
  over   = "28d"
  target = 2
}

# sum は、件数ではなく、イベントの数値の項目を合計します。
kpi "revenue" {
  label = "受注の金額"
  count = event.deal_won
  sum   = "amount"
  over  = "90d"
}

kpi "opportunity_rate" {
  label  = "商談化率（トスアップ比）"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.35
}

# 申し込まれても、確認されなければ届きません。
kpi "confirmation_rate" {
  label  = "同意の確認率"
  rate   = event.consent_confirmed
  of     = event.consent_given
  within = "7d"
  over   = "28d"
  target = 0.7
}

# サイトの表示を見た方のうち、1日以内にクリックした方。
kpi "site_click_rate" {
  label  = "サイト表示のクリック率"
  rate   = event.web_clicked
  of     = event.web_shown
  within = "1d"
  once   = "month"
  over   = "28d"
  by     = ["step"]
  target = 0.05
}

kpi "busy_companies" {
  label = "料金を検討中の会社の方"
  value = "segment.busy_companies.leads"
}

# 目標の受注数から逆算して、各段階に必要な数を出します。期間・目標・率は自社の数字に直してください。
funnel "quarter" {
  label  = "四半期の受注"
  period = "2026-10-01 to 2026-12-31"
  goal   = 4

  step "confirmed" {
    label = "同意の確認"
    count = event.consent_confirmed
  }

  step "prices" {
    label = "料金ページ閲覧"
    count = event.pricing_viewed
    rate  = 0.40
  }

  step "handed_over" {
    label = "トスアップ"
    count = event.toss_up_offered
    rate  = 0.25
  }

  step "opportunity" {
    label = "商談"
    count = event.opportunity_created
    rate  = 0.35
  }

  step "won" {
    label = "受注"
    count = event.deal_won
    rate  = 0.25
  }
}
