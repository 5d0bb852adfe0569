# What to know in the first weeks. It shares its lane with win_back, so that nobody gets both.
workflow "tips" {
  label = "First weeks"
  owner = "marketing@copperleaf.example.com"
  lane  = "mail"

  enter {
    on   = event.consent_given
    when = "event.purpose == 'marketing'"
  }

  re_enter { after = "60d" } # who signs up again much later gets them again

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "welcome" {
      subject  = "Welcome to Copperleaf: what offices order most"
      template = "win_back/welcome.md"
      send     = "mon-fri 09:30-16:30"
    }

    wait "a_fortnight" { for = "14d" }

    email "reorder" {
      subject  = "Your last order again, in one minute"
      template = "win_back/reorder.md"
      send     = "mon-fri 09:30-16:30"
    }

    exit "done" {}
  }
}

# The letter of the first Tuesday. Who has gone quiet hears from win_back instead.
workflow "monthly_letter" {
  label = "Monthly letter"
  owner = "marketing@copperleaf.example.com"

  enter {
    schedule = "0 9 * * 2#1"
    segment  = segment.readers
    spread   = "2h" # not all at once, but over two hours
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "letter" {
      subject  = "New this month, and what is cheaper by the box"
      template = "win_back/letter.md"
      topic    = "letter"
    }

    exit "sent" {}
  }
}
