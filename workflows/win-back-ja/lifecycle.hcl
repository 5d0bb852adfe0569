# リードの段階。書いた順に進みます。
lifecycle {
  stage "contact" { label = "登録のみ" }

  stage "active" {
    label    = "ご利用中"
    enter    = "score.activity >= const.active"
    leave    = "score.activity < 5" # 入るときより低くして、行き来しないようにします
    leave_to = stage.contact
  }

  stage "sal" { label = "営業対応中" } # トスアップでだけ入ります

  stage "opportunity" {
    label = "商談"
    on    = event.opportunity_created
  }

  stage "customer" {
    label = "年間契約"
    on    = event.deal_won
  }
}

# しばらくご注文のなかった会社が、また何度も見に来られたとき。担当者がお声がけします。
toss_up "returning" {
  label = "戻られたお客様の引き渡し"
  to    = stage.sal

  # リストは「すべて成り立つこと」という意味です。
  when = [
    "lead.stage in ['contact', 'active']",
    "lead.employees >= 100",
    "did('order_placed')",
    "never('order_placed', '90d')",
    "times('visited', '7d') >= 3",
    "not lead.unsubscribed",
  ]

  hold     = "1h" # この時間つづけて成り立って、はじめて渡します
  cooldown = "180d"

  hand_over {
    channel = channel.sales
    subject = "【再訪】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      activity = "{{ score.activity | round() }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.contact # 差し戻しや返事のない方は、こちらに戻します
  }

  # 評価するのは渡した数ではなく、商談になったかどうかです。
  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# お問い合わせは、点数を待たずにすぐ渡します。
toss_up "inquiry" {
  label    = "お問い合わせの引き渡し"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['contact', 'active']"
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "【お問い合わせ】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id = "{{ lead.user_id ?? '' }}"
      company = "{{ lead.company ?? '' }}"
      name    = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email   = "{{ lead.email }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.contact
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
