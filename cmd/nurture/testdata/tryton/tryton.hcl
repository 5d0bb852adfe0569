# The scenario of Tryton's own test of its module marketing_automation: a first mail
# with a reminder behind it, and what became of the first mail. Where Tryton's
# activities do nothing but be done, a webhook tells so.
project "tryton" {
  timezone = "UTC"
  language = "en"
}

lead {
  text "email" {}
  flag "unsubscribed" { default = false }
}

event "party_created" {
  name = "Party Created"
}

# Tryton writes to everybody in the scenario until they are blocked.
consent "scenario" {
  granted = event.party_created
  revoked = event.unsubscribed
}

contact_policy "default" {
  requires = consent.scenario
  allowed  = "not lead.unsubscribed"
}

channel "mail" {
  plugin = "email"

  config {
    host = "smtp.example.com:587"
    from = "marketing@example.com"
  }
}

channel "desk" {
  plugin = "webhook"

  config {
    url = "https://desk.example.com/activities"
  }
}

workflow "party" {
  enter {
    on   = event.party_created
    when = "(lead.email ?? '') != ''"
  }

  exit "blocked" { on = event.unsubscribed }

  steps {
    email "first_mail" {
      subject  = "Hello"
      template = "first_mail.md"
    }

    wait "reaction" {
      at_most = "2d"

      case "clicked" {
        on = event.email_clicked

        webhook "clicked" {
          payload = { activity = "clicked" }
        }
      }

      otherwise {
        webhook "not_clicked" {
          payload = { activity = "not_clicked" }
        }
      }
    }

    exit "done" {}
  }
}

# Tryton sends the reminder at once, whatever becomes of the first mail.
workflow "reminder" {
  enter {
    on   = event.party_created
    when = "(lead.email ?? '') != ''"
  }

  steps {
    email "reminder" {
      subject  = "Reminder"
      template = "reminder.md"
    }

    exit "done" {}
  }
}

workflow "opened" {
  enter {
    on   = event.email_opened
    when = "not lead.unsubscribed"
  }

  steps {
    webhook "opened" {
      payload = { activity = "opened" }
    }

    exit "done" {}
  }
}
