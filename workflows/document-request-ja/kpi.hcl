# 最後に効くのは受注です。途中の数字は、どこを直せばよいかを知るために見ます。
kpi "deals" {
  label  = "受注"
  count  = event.deal_won
  over   = "28d"
  target = 4
}

kpi "opportunity_rate" {
  label  = "商談化率（トスアップ比）"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

# 数であって目標ではありません。増やすほど良いとは限らないからです。
kpi "toss_ups" {
  label = "トスアップ"
  count = event.toss_up_offered
  over  = "28d"
}

kpi "document_requests" {
  label  = "資料請求"
  count  = event.document_requested
  over   = "28d"
  target = 120
}

kpi "open_rate" {
  label  = "開封率"
  rate   = event.email_opened
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.35
}

kpi "click_rate" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.08
}

kpi "unsubscribe_rate" {
  label  = "配信停止率"
  rate   = event.unsubscribed
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
}

# 目標の受注数から逆算して、各段階に必要な数を出します。期間・目標・率は自社の数字に直してください。
funnel "quarter" {
  label  = "四半期の受注"
  period = "2026-10-01 to 2026-12-31"
  goal   = 5

  step "requested" {
    label = "資料請求"
    count = event.document_requested
  }

  step "clicked" {
    label = "クリック"
    count = event.email_clicked
    rate  = 0.35
  }

  step "handed_over" {
    label = "トスアップ"
    count = event.toss_up_offered
    rate  = 0.45
  }

  step "opportunity" {
    label = "商談"
    count = event.opportunity_created
    rate  = 0.30
  }

  step "won" {
    label = "受注"
    count = event.deal_won
    rate  = 0.25
  }
}
