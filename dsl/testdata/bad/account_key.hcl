account {
  key = "emial" # ERROR: Unknown reference
}

segment "x" { when = "account.did('pricing_viewed')" }
