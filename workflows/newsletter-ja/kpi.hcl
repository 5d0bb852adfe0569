# 最後に効くのは受注です。途中の数字は、どこを直せばよいかを知るために見ます。
kpi "deals" {
  label  = "受注"
  count  = event.deal_won
  over   = "28d"
  target = 2
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
  label  = "購読の確認率"
  rate   = event.consent_given
  of     = event.signed_up
  within = "7d"
  over   = "28d"
  target = 0.75
}

kpi "sign_ups" {
  label  = "購読の申し込み"
  count  = event.signed_up
  over   = "28d"
  target = 80
}

kpi "click_rate" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.06
}

kpi "unsubscribe_rate" {
  label  = "配信停止率"
  rate   = event.unsubscribed
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow"]
}

# 目標の受注数から逆算して、各段階に必要な数を出します。期間・目標・率は自社の数字に直してください。
funnel "quarter" {
  label  = "四半期の受注"
  period = "2026-10-01 to 2026-12-31"
  goal   = 4

  step "signed_up" {
    label = "購読開始"
    count = event.consent_given
  }

  step "clicked" {
    label = "クリック"
    count = event.email_clicked
    rate  = 0.30
  }

  step "handed_over" {
    label = "トスアップ"
    count = event.toss_up_offered
    rate  = 0.20
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
