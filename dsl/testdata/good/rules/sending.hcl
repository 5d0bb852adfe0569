consent "news" {
  label   = "ご案内の受信"
  granted = event.consent_given
  when    = "event.purpose == 'news'"
  revoked = event.unsubscribed
  expires = "730d"
}

contact_policy "default" {
  requires    = consent.news
  allowed     = "not lead.unsubscribed"
  quiet_hours = "19:00-08:30"
  quiet_days  = ["sat", "sun", "holiday"]

  cap {
    channel = channel.mail
    at_most = 3
    per     = "7d"
  }
}

channel "mail" {
  plugin = "email"
  rate   = "20 per second"
  retry  = "4 times over 12h"

  config {
    host     = "smtp.kita.example:587"
    from     = "北野 <kitano@kita.example>"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"

  config {
    url    = "https://crm.kita.example/hooks/nurture"
    secret = secret("CRM_SECRET")
  }
}

kpi "clicks" {
  label  = "クリック率"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.05
}

kpi "requests" { count = event.document_requested }
