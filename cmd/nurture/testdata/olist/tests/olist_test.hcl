test "who searched for us is handed over at once" {
  start = "2018-01-15 10:00"

  lead {
    origin          = "organic_search"
    landing_page_id = "b76ef37428e6799c421989521c0e5077"
  }

  event "contact_requested" {
    origin          = "organic_search"
    landing_page_id = "b76ef37428e6799c421989521c0e5077"
  }

  expect = [
    "tossed_up('searched_for_us')",
    "sent('sales') == 1",
  ]
}

test "who came by a banner is not" {
  start = "2018-01-15 10:00"

  lead { origin = "display" }

  event "contact_requested" { origin = "display" }

  expect = [
    "not tossed_up('searched_for_us')",
    "sent('sales') == 0",
  ]
}

test "an empty origin is no unknown one" {
  start = "2018-01-15 10:00"

  lead {}

  event "contact_requested" {}

  expect = ["not tossed_up('searched_for_us')"]
}
