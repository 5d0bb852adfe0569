# Leave to write to somebody, with its evidence: when, on which form, to which wording.
consent "marketing" {
  label   = "Marketing e-mail"
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
  expires = "730d"
}

# One promise to everybody, kept by every workflow and judged at the moment of sending.
contact_policy "default" {
  requires    = consent.marketing
  allowed     = "not lead.unsubscribed"
  quiet_hours = "19:00-08:30"
  quiet_days  = ["sat", "sun", "holiday"]
  when_quiet  = "postpone" # it waits for the next hour in which it may go

  cap {
    channel     = channel.mail
    at_most     = 3
    per         = "7d"
    when_capped = "postpone"
  }
}

# Under nurture dev mails go to the mailbox on the screen and webhooks to the sales
# desk, whatever is written here. Put your own servers in before you serve it.
channel "mail" {
  plugin = "email"
  rate   = "20 per second"
  retry  = "5 times over 24h"

  config {
    host     = "smtp.takane.example.co.jp:587"
    from     = "Aya Miyashita, Takane Planner <miyashita@takane.example.co.jp>"
    reply_to = "info@takane.example.co.jp"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "8 times over 24h"

  config {
    url    = "https://sales.takane.example.co.jp/hooks/hand-over"
    secret = secret("SALES_WEBHOOK_SECRET")
  }
}
