# 購読の同意と、その証拠（いつ、どのフォームの、どの文言に）。確認メールのボタンを押して、
# はじめて成り立ちます。他人のアドレスで申し込まれても、確認メールが一通届くだけです。
consent "marketing" {
  label   = "メールマガジンの購読"
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
}

# すべての方への約束。どのワークフローでも、送る瞬間に確かめます。
contact_policy "default" {
  requires    = consent.marketing
  allowed     = "not lead.unsubscribed"
  quiet_hours = "19:00-08:30"
  quiet_days  = ["sat", "sun", "holiday"]
  when_quiet  = "postpone" # 次に送ってよい時刻まで待ちます

  cap {
    channel     = channel.mail
    at_most     = 3
    per         = "7d"
    when_capped = "postpone"
  }
}

# nurture dev では、ここに何と書いてあっても、メールは画面の受信箱へ、
# Webhook は営業デスクへ届きます。本番の接続先に書き換えてお使いください。
channel "mail" {
  plugin = "email"
  rate   = "20 per second"
  retry  = "5 times over 24h"

  config {
    host     = "smtp.asahina.example.co.jp:587"
    from     = "ものづくり計測通信 編集部 <letter@asahina.example.co.jp>"
    reply_to = "editor@asahina.example.co.jp"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "8 times over 24h"

  config {
    url    = "https://sales.asahina.example.co.jp/hooks/hand-over"
    secret = secret("SALES_WEBHOOK_SECRET")
  }
}
