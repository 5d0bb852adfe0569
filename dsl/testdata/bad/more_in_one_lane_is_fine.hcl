contact_policy "other" {
  requires = consent.marketing

  cap {
    channel = channel.mail
    at_most = 2
    per     = "7d"
  }
}

workflow "a" {
  lane = "mails"

  enter { on = event.form_submitted }

  steps {
    email "one" {
      subject  = "one"
      template = "hello.md"
      policy   = contact_policy.other
    }

    wait "a_day" { for = "1d" }

    email "two" {
      subject  = "two"
      template = "hello.md"
      policy   = contact_policy.other
    }
  }
}

workflow "b" {
  lane = "mails"

  enter { on = event.seminar_joined }

  steps {
    email "three" {
      subject  = "three"
      template = "hello.md"
      policy   = contact_policy.other
    }
  }
}
