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

# 申し込みは集まっても、参加されなければ伝わりません。
kpi "attendance_rate" {
  label  = "参加率（申し込み比）"
  rate   = event.webinar_attended
  of     = event.webinar_registered
  within = "45d"
  over   = "90d"
  target = 0.5
}

kpi "registrations" {
  label  = "ウェビナー申し込み"
  count  = event.webinar_registered
  over   = "28d"
  target = 150
}

# 欠席された方のうち、録画で追いついた方の割合。
kpi "video_rate" {
  label  = "録画の視聴率（欠席比）"
  rate   = event.video_watched
  of     = event.webinar_missed
  within = "14d"
  over   = "90d"
  target = 0.2
}

kpi "click_rate" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.12
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
  goal   = 6

  step "registered" {
    label = "申し込み"
    count = event.webinar_registered
  }

  step "attended" {
    label = "参加"
    count = event.webinar_attended
    rate  = 0.50
  }

  step "handed_over" {
    label = "トスアップ"
    count = event.toss_up_offered
    rate  = 0.30
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
