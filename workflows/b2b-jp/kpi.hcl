# 最後に効くのは受注です。途中の数字は、どこを直せばよいかを知るために見ます。
kpi "deals" {
  label  = "受注"
  count  = event.deal_won
  over   = "28d"
  target = 3
}

kpi "opportunity_rate" {
  label  = "商談化率（トスアップ比）"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

# 営業の返事は早いほど実ります。期限の切れた数も見ます。
kpi "accept_rate" {
  label  = "受け入れ率（トスアップ比）"
  rate   = event.toss_up_accepted
  of     = event.toss_up_offered
  within = "3d"
  over   = "90d"
  target = 0.7
}

kpi "toss_ups" {
  label = "トスアップ"
  count = event.toss_up_offered
  over  = "28d"
}

kpi "downloads" {
  label  = "資料ダウンロード"
  count  = event.downloaded
  over   = "28d"
  target = 100
}

kpi "click_rate" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.07
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

  step "downloaded" {
    label = "資料ダウンロード"
    count = event.downloaded
  }

  step "clicked" {
    label = "クリック"
    count = event.email_clicked
    rate  = 0.35
  }

  step "handed_over" {
    label = "トスアップ"
    count = event.toss_up_offered
    rate  = 0.40
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
