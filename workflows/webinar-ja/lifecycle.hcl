# リードの段階。書いた順に進みます。
lifecycle {
  stage "lead" { label = "見込み客" }

  stage "mql" {
    label    = "有望リード"
    enter    = "score.fit >= 30 and score.interest >= const.warm"
    leave    = "score.interest < 12" # 入るときより低くして、行き来しないようにします
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

# 相談を希望された方は、点数を待たずにすぐ渡します。
toss_up "asked" {
  label    = "相談希望の引き渡し"
  to       = stage.sal
  on       = event.asked
  when     = "lead.stage in ['lead', 'mql']" # 営業がすでに対応している方は、担当者が直接お受けします
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'エンタープライズ営業' : 'インサイドセールス'"
    subject = "【ウェビナーから相談希望】{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      webinar  = "{{ lead.webinar_title ?? '' }}"
      fit      = "{{ score.fit | round() }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead # 差し戻しや返事のない方は、こちらに戻します
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# 参加して、料金まで確かめている方。条件がそろった瞬間に一度だけ渡します。
toss_up "hot_attendee" {
  label = "参加後に検討が進んだ方の引き渡し"
  from  = stage.mql
  to    = stage.sal

  # リストは「すべて成り立つこと」という意味です。
  when = [
    "score.interest >= const.hot",
    "did('webinar_attended', '30d') or did('video_watched', '30d')",
    "did('pricing_viewed', '14d')",
    "not lead.unsubscribed",
  ]

  hold     = "30m" # この時間つづけて成り立って、はじめて渡します
  cooldown = "90d" # 同じ方を、この期間に二度は渡しません

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'エンタープライズ営業' : 'インサイドセールス'"
    subject = "{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }}様（興味度 {{ score.interest | round() }}）"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.last_name ?? '' }} {{ lead.first_name ?? '' }}"
      email    = "{{ lead.email }}"
      webinar  = "{{ lead.webinar_title ?? '' }}"
      fit      = "{{ score.fit | round() }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # 上の条件と、それを満たした値を添えます
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead
  }

  # 評価するのは渡した数ではなく、商談になったかどうかです。
  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
