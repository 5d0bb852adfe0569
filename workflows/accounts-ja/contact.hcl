# 配信の同意と、その証拠。チェックだけではまだ同意になりません。リンクの入ったメールが一通届き、
# その先のボタンを押して、はじめて成り立ちます（ダブルオプトイン）。他人のアドレスで申し込まれても、
# 確認メールが届くだけです。
consent "marketing" {
  label   = "メールでのお知らせ"
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
  expires = "730d"

  confirm {
    subject  = "【ご確認ください】ひばり野システムからのお知らせ配信"
    template = "account/confirm.md"
    within   = "7d"
    at_most  = 2
  }
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
    at_most     = 2
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
    host     = "smtp.hibarino.example.co.jp:587"
    from     = "ひばり野システム <info@hibarino.example.co.jp>"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "8 times over 24h"

  config {
    url    = "https://sales.hibarino.example.co.jp/hooks/hand-over"
    secret = secret("SALES_WEBHOOK_SECRET")
  }
}
