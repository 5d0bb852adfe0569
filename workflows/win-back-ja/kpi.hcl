# 最後に効くのはご契約とご注文です。途中の数字は、どこを直せばよいかを知るために見ます。
kpi "deals" {
  label  = "年間契約"
  count  = event.deal_won
  over   = "28d"
  target = 2
}

kpi "orders" {
  label  = "ご注文"
  count  = event.order_placed
  over   = "28d"
  target = 400
}

# 呼び戻しのお便りのあと30日以内にご注文のあった割合を、ほかのお便りと並べて見ます。
kpi "order_rate" {
  label  = "お便りからのご注文率"
  rate   = event.order_placed
  of     = event.email_delivered
  within = "30d"
  over   = "90d"
  by     = ["workflow"]
  target = 0.03
}

kpi "opportunity_rate" {
  label  = "商談化率（トスアップ比）"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

kpi "click_rate" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.04
}

# 呼び戻しでは停止が増えるのがふつうです。ほかのお便りより高くても、誤りではありません。
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

  step "reached" {
    label = "配信"
    count = event.email_delivered
  }

  step "clicked" {
    label = "クリック"
    count = event.email_clicked
    rate  = 0.04
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
    rate  = 0.30
  }
}
