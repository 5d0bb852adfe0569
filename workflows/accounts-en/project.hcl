# A starter for selling to companies: colleagues are counted together, a sign-up counts once
# it is confirmed, and the web site shows what fits. The companies, products, people and
# addresses are all invented.

project "accounts" {
  timezone = "Europe/London"
  language = "en"
  calendar = calendar.office
}

# What counts as a business day: England's bank holidays. Bring them up to date once a year.
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-17:30"
  holidays = [
    "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28",
    "2027-01-01", "2027-03-26", "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28",
  ]
}

# Numbers that several rules share live here and are written const.busy.
const {
  busy = 3  # visits to the prices, of all colleagues within 14 days, that make a company busy
  warm = 15 # interest at which somebody can be spoken to about it
}
