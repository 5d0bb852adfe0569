# Rules for B2B in Japan that work untuned, told in English for a team that reads them so.
#   3 actions or more in 30 days → latent becomes active (opens do not count)
#   30 days of silence           → back to latent
#   interest of 25               → inside sales get a heads-up
#   a key page, and back within 2 days → handed to sales
# The companies, products, people and addresses are all invented.

project "b2b" {
  timezone = "Asia/Tokyo"
  language = "en"
  calendar = calendar.office
}

# What counts as a business day. "japan" knows the public holidays of Japan.
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-18:00"
  holidays = ["japan", "2026-12-29", "2026-12-30", "2026-12-31"]
}

# To tune it, begin with these.
const {
  actions = 3  # actions in 30 days that make a lead active
  warning = 25 # interest at which inside sales get a heads-up
  notable = 10 # interest at which somebody is invited to talk
}
