# ナーチャリングの指標一式。最初の訪問から受注までを、順に並べています。目標値は自社に
# 合わせて決め、見ない指標は消してかまいません。表示: nurture kpi 名前

event "appointment_made" {
  label = "アポイント"
}

# アプローチ。訪問の回数ではなく人数です。
kpi "k01_approaches" {
  label = "訪問した人数"
  count = event.page_viewed
  once  = "ever"
  by    = ["month"]
  over  = "90d"
}

kpi "k01_sign_ups" {
  label = "同意を確認した人数（きっかけ別）"
  count = event.consent_confirmed
  once  = "ever"
  by    = ["first_class"]
  over  = "90d"
}

# 訪問した人のうち、メールに同意した人。
kpi "k02_conversion" {
  label  = "訪問から同意"
  rate   = event.consent_confirmed
  of     = event.page_viewed
  within = "30d"
  once   = "ever"
  over   = "90d"
}

kpi "k03_inquiries" {
  label  = "問い合わせ率（送った人のうち）"
  rate   = event.inquired
  of     = event.email_delivered
  within = "90d"
  once   = "ever"
  over   = "180d"
}

kpi "k04_appointments" {
  label  = "アポイント率（送った人のうち）"
  rate   = event.appointment_made
  of     = event.email_delivered
  within = "90d"
  once   = "ever"
  over   = "180d"
}

kpi "k04_of_inquiries" {
  label  = "アポイント率（問い合わせのうち）"
  rate   = event.appointment_made
  of     = event.inquired
  within = "30d"
  over   = "180d"
}

kpi "k05_opportunities" {
  label  = "商談化率（送った人のうち）"
  rate   = event.opportunity_created
  of     = event.email_delivered
  within = "120d"
  once   = "ever"
  over   = "180d"
}

kpi "k05_of_appointments" {
  label  = "商談化率（アポイントのうち）"
  rate   = event.opportunity_created
  of     = event.appointment_made
  within = "60d"
  over   = "180d"
}

kpi "k06_deals" {
  label  = "受注率（送った人のうち）"
  rate   = event.deal_won
  of     = event.email_delivered
  within = "180d"
  once   = "ever"
  over   = "365d"
}

kpi "k06_of_opportunities" {
  label  = "受注率（商談のうち）"
  rate   = event.deal_won
  of     = event.opportunity_created
  within = "180d"
  over   = "365d"
}

kpi "k07_downloads" {
  label = "資料請求・ダウンロード"
  count = event.guide_requested
  over  = "28d"
}

# 配信ごとの部数。
kpi "k08_circulation" {
  label = "配信数"
  count = event.email_delivered
  by    = ["workflow", "step"]
  over  = "28d"
}

# 機械による開封は k09_opened_by_machines に分けて数えます。
kpi "k09_open_rate" {
  label      = "開封率（人による）"
  rate       = event.email_opened
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
}

kpi "k09_opened_by_machines" {
  label = "機械による開封"
  count = event.email_opened_machine
  over  = "28d"
  by    = ["workflow", "step"]
}

kpi "k10_click_rate" {
  label      = "クリック率（人による）"
  rate       = event.email_clicked
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
}

kpi "k10_clicked_by_machines" {
  label = "機械によるクリック"
  count = event.email_clicked_machine
  over  = "28d"
  by    = ["workflow", "step"]
}

kpi "k11_unsubscribes" {
  label      = "解除率"
  rate       = event.unsubscribed
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
  target     = 0.005

  # 解除の多いステップは自動で止まります。
  threshold "too_many" {
    when        = "value > 0.1"
    hold        = "1d"
    keep_firing = "1d"

    pause { what = "step" }
  }
}

# メールからの転換。クリックから一週間以内のフォーム送信です。
kpi "k12_from_mail" {
  label  = "クリック後のフォーム送信率"
  rate   = event.form_submitted
  of     = event.email_clicked
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
}

kpi "k13_replies" {
  label = "返信数"
  count = event.email_replied
  over  = "28d"
}

# 送れない人の理由: nurture kpi k14_reachable
kpi "k14_reachable" {
  label = "メールを送れる人数"
  value = "reachable('mail')"
}

kpi "k15_of_a_mailing" {
  label  = "配信あたりの転換率"
  rate   = event.form_submitted
  of     = event.email_delivered
  within = "14d"
  over   = "90d"
  by     = ["workflow", "step"]
}

# 量を表す数で、目標ではありません。増えても受注が増えるとは限りません。
kpi "k16_toss_ups" {
  label = "トスアップ数"
  value = "toss_up.team.handed_over + toss_up.inquiry.handed_over"
  over  = "28d"
}

# すべてはこの数のためにあります。
kpi "k17_won" {
  label = "ナーチャリングによる受注"
  value = "toss_up.team.won + toss_up.inquiry.won"
  over  = "365d"
}

kpi "k17_won_rate" {
  label = "受注率（トスアップのうち）"
  value = "(toss_up.team.won + toss_up.inquiry.won) / (toss_up.team.handed_over + toss_up.inquiry.handed_over)"
  over  = "365d"
}
