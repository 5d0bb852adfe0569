event "deal_won" {
  number "amount" {}
  text "plan" {}
}

kpi "revenue" {
  count = event.deal_won
  sum   = "amount"
}

kpi "misspelt" {
  count = event.deal_won
  sum   = "amont" # ERROR: Unknown reference
}

kpi "of_a_text" {
  count = event.deal_won
  sum   = "plan" # ERROR: Unknown reference
}

kpi "of_people" {
  count = event.deal_won
  sum   = "amount" # ERROR: One or the other
  once  = "ever"
}

kpi "of_nothing_counted" {
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  sum    = "amount" # ERROR: Half of a pair
}
