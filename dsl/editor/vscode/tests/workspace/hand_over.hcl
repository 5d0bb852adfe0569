# Everything at once, to see what a change of the grammar does elsewhere.
toss_up "hot_lead" {
  label = "営業トスアップ"
  from  = stage.mql
  to    = stage.sal

  when = [
    "segment.target_account",
    "score.interest >= const.hot", # one home for the number
    "did('pricing_viewed', '7d') or did('form_submitted', '30d')",
    "not lead.unsubscribed",
  ]

  hold = "10m"

  hand_over {
    channel = channel.crm
    owner   = "lead.region == 'kansai' ? 'osaka-inside-sales' : 'tokyo-inside-sales'"
    subject = "{{ lead.company ?? '会社名なし' }} 様（興味度 {{ score.interest | round() }}）"
    reasons = true
  }
}

channel "mail" {
  plugin = "email"

  config {
    host     = "smtp.acme.co.jp:587"
    password = secret("SMTP_PASSWORD")
  }
}

const { hot = 70 }

workflow "pricing" {
  owner = "marketing-ops@acme.co.jp"

  enter {
    on   = event.pricing_viewed
    when = "lead.stage in ['lead', 'mql']"
  }

  steps {
    email "一通目" {
      subject = <<-EOT
        {{ if score.interest >= 70 }}特別{{ else }}通常{{ end }}のご案内
      EOT
    }
  }
}

test "nobody is mailed at night" {
  start = "2026-10-06 18:30"

  after "5h" { expect = ["sent('mail') == 0"] }
}
