# お一人の段階。書いた順に進みます。
lifecycle {
  stage "visitor" { label = "未登録" }

  stage "subscriber" {
    label    = "配信登録済み"
    enter    = "consent.marketing"
    leave    = "not consent.marketing"
    leave_to = stage.visitor
  }

  stage "sal" { label = "営業対応中" } # トスアップでだけ入ります

  stage "opportunity" {
    label = "商談"
    on    = event.opportunity_created
  }

  stage "customer" {
    label = "顧客"
    on    = event.deal_won
  }
}

# 料金を検討中の会社に、興味の高い方がいたとき。営業に渡すのはお一人だけで、営業の返事があるまで
# 同僚の方は渡しません。
toss_up "team" {
  label    = "検討中の会社"
  to       = stage.sal
  cooldown = "90d"
  once_for = "lead.company ?? ''"

  when = [
    "segment.busy_companies",
    "score.interest >= const.warm",
    "lead.stage in ['visitor', 'subscriber']",
  ]

  hand_over {
    channel = channel.sales
    subject = "【検討中】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      company   = "{{ lead.company ?? '' }}"
      employees = "{{ account.employees ?? 0 }}"
      visits    = "{{ account.times('pricing_viewed', '14d') }}"
      name      = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email     = "{{ lead.email }}"
      role      = "{{ lead.role ?? '' }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor # 登録済みの方は、次に動きがあったとき登録済みに戻ります
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# お問い合わせの方は、点数や同僚にかかわらず、すぐに渡します。
toss_up "inquiry" {
  label    = "お問い合わせ"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['visitor', 'subscriber']" # 営業がすでに対応している方は、担当者が直接お受けします
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "【お問い合わせ】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      company = "{{ lead.company ?? '' }}"
      plan    = "{{ account.plan ?? '' }}"
      name    = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email   = "{{ lead.email }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
