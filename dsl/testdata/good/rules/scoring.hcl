score "fit" {
  label = "適合度"

  rule "size" {
    points = "(lead.headcount ?? 0) >= 300 ? 30 : 0"
  }

  rule "boss" {
    when   = "lead.役職 matches '部長|役員'"
    points = 20
  }
}

score "interest" {
  label     = "興味度"
  half_life = "14d"
  range     = [0, 100]

  rule "document" {
    on     = event.document_requested
    points = 40
  }

  rule "price" {
    on      = event.price_page_read
    points  = 15
    at_most = "2 per day"
  }
}

segment "target" {
  label = "ターゲット"
  when  = ["lead.headcount >= 100", "lead.sector in ['it', 'maker']"]
}

segment "warm_target" {
  when = "segment.target and score.interest >= const.warm"
}

lifecycle {
  stage "lead" { label = "見込み客" }

  stage "mql" {
    enter    = "score.interest >= const.warm"
    leave    = "score.interest < 10"
    leave_to = stage.lead
  }

  stage "sal" { label = "営業対応中" }

  stage "opportunity" { on = event.deal_opened }
}

toss_up "hot" {
  label    = "営業トスアップ"
  from     = stage.mql
  to       = stage.sal
  when     = ["segment.target", "score.interest >= const.hot", "not lead.unsubscribed"]
  hold     = "10m"
  cooldown = "never again"

  hand_over {
    channel = channel.sales
    owner   = "lead.sector == 'it' ? 'tokyo' : 'osaka'"
    subject = "{{ lead.family_name ?? '' }} 様（興味度 {{ score.interest | round() }}）"
    payload = { email = "{{ lead.email }}", size = "{{ lead.headcount ?? 0 }}" }
    reasons = true
  }

  answer {
    within  = "2 business days"
    recycle = stage.lead
  }

  success {
    on     = event.deal_opened
    within = "60d"
  }
}
