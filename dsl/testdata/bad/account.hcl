lead {
  text "firm" {}
}

account {
  key = "firm"

  text "plan" { default = "free" }
  number "seats" { required = true } # WARNING: Without effect
  flag "times" {} # ERROR: Name is taken
}

segment "busy" { when = "account.times('pricing_viewed', '14d') >= 3 and account.plan != 'free'" }

segment "typo" { when = "account.plam == 'gold'" } # ERROR: Unknown name

segment "typo_of_a_call" { when = "account.time('pricing_viewed') > 1" } # ERROR: Unknown function

segment "no_such_event" { when = "account.did('pricing_view', '7d')" } # ERROR: Unknown event

segment "too_little" { when = "account.since() > 1" } # ERROR: Wrong number of arguments

score "points" {
  rule "now" {
    when   = "account.seats >= 10"
    points = 5
  }

  rule "then" {
    on     = event.pricing_viewed
    when   = "account.did('pricing_viewed')" # ERROR: Not to be read here
    points = 5
  }
}
