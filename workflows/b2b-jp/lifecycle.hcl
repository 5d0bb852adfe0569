# リードの段階。書いた順に進みます。
lifecycle {
  stage "latent" { label = "潜在" }

  # 30日に3回以上の行動で顕在とみなし、30日なにもなければ潜在に戻します。
  # 時間がたつだけで成り立つので、夜中の見直しも手作業も要りません。
  stage "active" {
    label = "顕在"
    enter = "times('page_read', '30d') + times('email_clicked', '30d') + times('form_submitted', '30d') + times('seminar_attended', '30d') >= const.actions"

    leave = [
      "never('page_read', '30d')",
      "never('email_clicked', '30d')",
      "never('form_submitted', '30d')",
      "never('seminar_attended', '30d')",
    ]
    leave_to = stage.latent
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

# 重要ページを見て帰り、2日以内にもう一度来られた方。その場で営業に渡します。
toss_up "returned" {
  label    = "重要ページのあとの再訪"
  to       = stage.sal
  on       = event.key_page_returned
  when     = ["lead.stage in ['latent', 'active']", "not lead.unsubscribed"]
  cooldown = "90d" # 同じ方を、この期間に二度は渡しません

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? '大手営業部' : 'インサイドセールス'"
    subject = "【再訪】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様（興味度 {{ score.interest | round() }}）"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      phone    = "{{ lead.phone ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "1 business day" # 来られているうちにご連絡します
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.latent # 差し戻しや返事のない方は、こちらに戻します
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
  when     = "lead.stage in ['latent', 'active']" # 営業がすでに対応している方は、担当者が直接お受けします
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? '大手営業部' : 'インサイドセールス'"
    subject = "【お問い合わせ】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      phone    = "{{ lead.phone ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.latent
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
