# A starter for winning back people who have gone quiet, and for leaving those in peace
# who stay so. The companies, products, people and addresses are all invented.

project "win_back" {
  timezone = "America/New_York"
  language = "en"
  calendar = calendar.office
}

# What counts as a business day. Bring the days off up to date once a year.
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-17:30"
  holidays = [
    "2026-01-01", "2026-01-19", "2026-05-25", "2026-07-03", "2026-09-07", "2026-11-26", "2026-11-27", "2026-12-25",
    "2027-01-01", "2027-01-18", "2027-05-31", "2027-07-05", "2027-09-06", "2027-11-25", "2027-11-26", "2027-12-24",
  ]
}

# Numbers that several rules share live here and are written const.active.
const {
  active = 20 # activity at which somebody counts as a regular
}
