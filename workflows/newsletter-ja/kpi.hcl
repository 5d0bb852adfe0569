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
