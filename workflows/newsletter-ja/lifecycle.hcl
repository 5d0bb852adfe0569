# 読者の段階。書いた順に進みます。
lifecycle {
  stage "visitor" { label = "未購読" }

  stage "subscriber" {
    label    = "購読者"
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

# メールマガジンから営業に渡すのは、ご本人が尋ねられたときだけです。読んでいるだけの方を
# 渡すと、安心して読んでいただけなくなります。
toss_up "inquiry" {
  label    = "お問い合わせの引き渡し"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['visitor', 'subscriber']" # 営業がすでに対応している方は、担当者が直接お受けします
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "【通信の読者からお問い合わせ】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      field    = "{{ lead.field ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor # 購読中の方は、次に動きがあったとき購読者に戻ります
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
