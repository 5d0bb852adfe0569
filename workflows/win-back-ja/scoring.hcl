# どのくらいご利用か。加点から半年で消えます。
score "activity" {
  label   = "ご利用度"
  expires = "180d"
  range   = [0, 100]

  rule "ordered" {
    label  = "ご注文"
    on     = event.order_placed
    points = 20
  }

  rule "clicked" {
    label   = "メールのクリック"
    on      = event.email_clicked
    points  = 5
    at_most = "1 per day"
  }

  rule "visited" {
    label   = "訪問"
    on      = event.visited
    points  = 3
    at_most = "1 per day"
  }
}

# 90日のあいだ、開くこともクリックも訪問もご注文もなかった方。時間がたつだけで成り立つので、
# その瞬間にここに入ります。最近登録された方は、まだ静かなだけとみなします。
segment "dormant" {
  label = "90日反応のない方"
  when = [
    "consent.marketing",
    "since('consent_given') >= 90",
    "never('email_opened', '90d')",
    "never('email_clicked', '90d')",
    "never('visited', '90d')",
    "never('order_placed', '90d')",
    "not lead.resting",
  ]
}

# 配信をお休みしていた方が、ご自分から戻られたとき。
segment "stirring" {
  label = "お休み中に戻られた方"
  when = [
    "lead.resting",
    "did('visited', '7d') or did('order_placed', '7d') or did('form_submitted', '7d') or did('email_clicked', '7d')",
  ]
}

segment "readers" {
  label = "毎月のお便りを読まれる方"
  when  = "consent.marketing and not lead.resting and not segment.dormant"
}
