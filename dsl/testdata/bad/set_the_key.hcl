# alone
project "x" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" { required = true }
}

event "joined" {}

workflow "x" {
  enter { on = event.joined }

  steps {
    set "mark" { email = "a@example.jp" } # ERROR: Identity is not set
  }
}
