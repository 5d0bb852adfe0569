# A starter for a newsletter: a confirmed sign-up, an experiment on the subject, one on the
# time of sending, and a hold-out that shows what it all brings. The companies, products,
# people and addresses are all invented.

project "newsletter" {
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

# Numbers that several rules share live here and are written const.engaged.
const {
  engaged = 25 # interest at which somebody counts as a regular reader
}
