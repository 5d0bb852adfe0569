# Leave to write to somebody, with its evidence. Ticking the box gives none yet: it sends one
# mail with a link, and only the button behind it gives the consent (double opt-in). So an
# address that somebody else typed gets that one mail and no more.
consent "marketing" {
  label   = "News by e-mail"
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
  expires = "730d"

  confirm {
    subject  = "Please confirm: news from Larkfield"
    template = "account/confirm.md"
    within   = "7d"
    at_most  = 2
  }
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
    at_most     = 2
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
    host     = "smtp.larkfield.example.com:587"
    from     = "Larkfield Planning <hello@larkfield.example.com>"
    password = secret("SMTP_PASSWORD")
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "8 times over 24h"

  config {
    url    = "https://sales.larkfield.example.com/hooks/hand-over"
    secret = secret("SALES_WEBHOOK_SECRET")
  }
}
