# alone
project "x" { timezone = "UTC" }

lead {
  text "email" {}
}

event "form" {}

channel "mail" {
  plugin = "email"

  config {
    host = "smtp.example.jp:587"
    from = "a@example.jp"
  }
}

workflow "x" {
  enter { on = event.form }

  steps {
    email "hello" { # ERROR: No contact policy
      subject  = "Hello"
      template = "hello.md"
    }
  }
}
