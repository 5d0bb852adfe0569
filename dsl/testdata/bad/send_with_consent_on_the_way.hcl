contact_policy "open" { quiet_hours = "19:00-08:30" }

segment "readers" { when = "consent.marketing" }

workflow "x" {
  enter {
    on   = event.form_submitted
    when = "segment.readers and segment.big"
  }

  steps {
    email "hello" {
      subject  = "Hello"
      template = "hello.md"
      policy   = contact_policy.open
    }
  }
}
