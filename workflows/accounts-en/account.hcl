# The company: all leads with the same name of a company. Your product tells what it knows of
# it by a group call (groupId is the company's name, the rest are its traits).
account {
  key = "company"

  choice "plan" {
    label   = "Plan"
    of      = ["none", "trial", "paid"]
    default = "none"
  }
  number "employees" { label = "Employees" }
}

segment "customers" {
  label = "People of customers"
  when  = "account.plan == 'paid'"
}

# No single one of them may have done much: together they have looked at the prices often.
segment "busy_companies" {
  label = "Companies that look at the prices"
  when  = "account.times('pricing_viewed', '14d') >= const.busy and not segment.customers"
}
