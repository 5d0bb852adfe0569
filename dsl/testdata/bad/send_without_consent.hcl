contact_policy "open" { quiet_hours = "19:00-08:30" }

workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" { # ERROR: Sent without consent
      subject  = "Hello"
      template = "hello.md"
      policy   = contact_policy.open
    }
  }
}
