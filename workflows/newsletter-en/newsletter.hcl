# Sign-up → confirmation → welcome.
workflow "welcome" {
  label = "Confirmation and welcome"
  owner = "marketing@northmoor.example.com"

  enter {
    on   = event.signed_up
    when = "not consent.marketing"
  }

  re_enter { after = "7d" } # who forgot to confirm can sign up again

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    # It asks whether they signed up themselves: it goes before there is consent, and at night.
    email "confirm" {
      subject       = "Please confirm: The Measured Letter"
      template      = "newsletter/confirm.md"
      transactional = true
    }

    wait "confirmation" {
      at_most = "7d"

      case "confirmed" {
        on   = event.consent_given
        when = "event.purpose == 'marketing'"
      }

      otherwise {
        exit "not_confirmed" {}
      }
    }

    wait "a_little" { for = "1 business day" }

    email "best_of" {
      subject  = "Welcome. The three articles most readers start with"
      template = "newsletter/best_of.md"
      topic    = "letter"
    }

    exit "subscribed" {}
  }
}

# The letter of every second and fourth Thursday: all who are subscribed then enter.
workflow "letter" {
  label    = "The letter"
  owner    = "marketing@northmoor.example.com"
  priority = 10 # where the cap has room for one, this goes before news

  # Five in a hundred get none, and their opportunities are counted beside the others'. If
  # the letter does nothing, it shows here.
  holdout = 5

  enter {
    schedule = "0 9 * * 4#2,4#4"
    segment  = segment.readers
    spread   = "2h" # not all at once, but over two hours
  }

  goal "opportunity" {
    on     = event.opportunity_created
    within = "90d"
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "issue" {
      template = "newsletter/issue.md"
      topic    = "letter"
      send     = "thu-fri 09:00-17:00"

      # Which way of writing a subject gets read. A reader always gets the same way. The tags
      # say what kind of subject it is, so that results add up over many such experiments.
      experiment "subject_style" {
        measure = "click"
        within  = "3d"
        decide  = "after 400 sends each, 95% sure"
        guard   = ["unsubscribed > 1%"] # a subject that drives readers away is taken out early

        variant "plain" {
          subject = "The Measured Letter: how to rethink an inspection line"
          tags    = ["plain"]
        }

        variant "number" {
          subject = "Five changes that cut rework by a third"
          tags    = ["number"]
        }

        variant "question" {
          subject = "{{ lead.first_name ?? 'Hello' }}, how often does inspection send parts back?"
          tags    = ["question", "name"]
        }
      }
    }

    exit "sent" {}
  }
}

# On the first Monday of a month, product news for regular readers. Here the time is tried.
workflow "news" {
  label = "Product news"
  owner = "marketing@northmoor.example.com"

  enter {
    schedule = "0 8 * * 1#1"
    segment  = segment.regulars
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "news" {
      subject  = "From gauge to quality record without typing"
      template = "newsletter/news.md"
      topic    = "product"

      # The winner is used at once (apply = "auto"): a time of day needs no second opinion.
      experiment "send_time" {
        measure = "click"
        within  = "3d"
        decide  = "after 200 sends each, 95% sure"
        apply   = "auto"

        slot "tue_morning" { at = "tue 09:00" }
        slot "wed_noon" { at = "wed 12:10" }
        slot "thu_afternoon" { at = "thu 16:30" }
      }
    }

    exit "sent" {}
  }
}
