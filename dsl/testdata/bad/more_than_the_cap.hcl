contact_policy "tight" {
  requires = consent.marketing

  cap {
    channel = channel.mail
    at_most = 1
    per     = "7d"
  }
}

workflow "x" { # NOTE: More messages than a cap allows
  enter { on = event.form_submitted }

  steps {
    email "one" {
      subject  = "1"
      template = "hello.md"
      policy   = contact_policy.tight
    }

    wait "a_day" { for = "1d" }

    email "two" {
      subject  = "2"
      template = "hello.md"
      policy   = contact_policy.tight
    }
  }
}
