# ご案内を送ってよいという同意と、その証拠（いつ、どのフォームの、どの文言に）。
consent "marketing" {
  label   = "ご案内メールの受信"
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
  expires = "1095d"
}

# すべての方への約束。どのワークフローでも、送る瞬間に確かめます。
# お休み中の方に送らないことも、ここで一度だけ約束します。あとから増えたワークフローも守ります。
contact_policy "default" {
  requires    = consent.marketing
  allowed     = "not lead.unsubscribed and not lead.resting"
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
    host     = "smtp.hamakaze.example.co.jp:587"
    from     = "はまかぜオフィス便 小川 <ogawa@hamakaze.example.co.jp>"
    reply_to = "info@hamakaze.example.co.jp"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "8 times over 24h"

  config {
    url    = "https://sales.hamakaze.example.co.jp/hooks/hand-over"
    secret = secret("SALES_WEBHOOK_SECRET")
  }
}
