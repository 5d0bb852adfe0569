# リードの段階。書いた順に進みます。
lifecycle {
  stage "lead" { label = "見込み客" }

  stage "mql" {
    label    = "有望リード"
    enter    = "score.fit >= 30 and score.interest >= const.warm"
    leave    = "score.interest < 15" # 入るときより低くして、行き来しないようにします
    leave_to = stage.lead
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

# 興味度が高まった方を、営業に渡します。条件がそろった瞬間に一度だけ。
toss_up "hot_lead" {
  label = "有望リードの引き渡し"
  from  = stage.mql
  to    = stage.sal

  # リストは「すべて成り立つこと」という意味です。
  when = [
    "segment.target_account",
    "score.interest >= const.hot",
    "did('pricing_viewed', '7d') or did('case_viewed', '7d')",
    "not lead.unsubscribed",
  ]

  hold     = "30m" # この時間つづけて成り立って、はじめて渡します
  cooldown = "90d" # 同じ方を、この期間に二度は渡しません

  hand_over {
    channel = channel.sales
    owner   = "lead.region == '関西' ? '大阪インサイドセールス' : lead.region == '九州' ? '福岡インサイドセールス' : '東京インサイドセールス'"
    subject = "{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様（興味度 {{ score.interest | round() }}）"

    payload = {
      user_id    = "{{ lead.user_id ?? '' }}"
      company    = "{{ lead.company ?? '' }}"
      department = "{{ lead.department ?? '' }}"
      title      = "{{ lead.title ?? '' }}"
      name       = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email      = "{{ lead.email }}"
      phone      = "{{ lead.phone ?? '' }}"
      fit        = "{{ score.fit | round() }}"
      interest   = "{{ score.interest | round() }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead # 差し戻しや返事のない方は、こちらに戻します
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
  when     = "lead.stage in ['lead', 'mql']" # 営業がすでに対応している方は、担当者が直接お受けします
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "lead.region == '関西' ? '大阪インサイドセールス' : lead.region == '九州' ? '福岡インサイドセールス' : '東京インサイドセールス'"
    subject = "【お問い合わせ】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id    = "{{ lead.user_id ?? '' }}"
      company    = "{{ lead.company ?? '' }}"
      department = "{{ lead.department ?? '' }}"
      title      = "{{ lead.title ?? '' }}"
      name       = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email      = "{{ lead.email }}"
      phone      = "{{ lead.phone ?? '' }}"
      fit        = "{{ score.fit | round() }}"
      interest   = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
