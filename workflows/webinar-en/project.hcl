# A starter for following up a webinar: from the sign-up to those who came and those who did
# not. The companies, products, people and addresses are all invented.

project "webinar" {
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

# Numbers that several rules share live here and are written const.hot.
const {
  hot  = 60 # interest at which sales hears of somebody
  warm = 30 # interest at which somebody is worth a closer look
}
