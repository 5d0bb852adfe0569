# How much they use us. Points are dropped half a year after they were paid.
score "activity" {
  label   = "Activity"
  expires = "180d"
  range   = [0, 100]

  rule "ordered" {
    label  = "Order"
    on     = event.order_placed
    points = 20
  }

  rule "clicked" {
    label   = "E-mail click"
    on      = event.email_clicked
    points  = 5
    at_most = "1 per day"
  }

  rule "visited" {
    label   = "Visit"
    on      = event.visited
    points  = 3
    at_most = "1 per day"
  }
}

# Nobody who opened, clicked, visited or ordered in 90 days. Time alone makes this true,
# and they join at that very moment. Who signed up lately is only quiet so far.
segment "dormant" {
  label = "Quiet for 90 days"
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

# Somebody who rested came again by themselves.
segment "stirring" {
  label = "Resting and back"
  when = [
    "lead.resting",
    "did('visited', '7d') or did('order_placed', '7d') or did('form_submitted', '7d') or did('email_clicked', '7d')",
  ]
}

segment "readers" {
  label = "Readers of the monthly letter"
  when  = "consent.marketing and not lead.resting and not segment.dormant"
}
