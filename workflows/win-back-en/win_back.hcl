# Gone quiet → what is new → one last question → and if nothing comes, we stop writing.
# Mail that nobody reads gets a sender filed as spam, and then it reaches nobody else.
workflow "win_back" {
  label    = "Win-back"
  owner    = "marketing@copperleaf.example.com"
  lane     = "mail" # of all workflows in this lane, one at a time
  priority = 10     # who is still in tips moves over to this one

  enter {
    segment  = segment.dormant
    backfill = "all" # who is quiet already on the first day enters too
  }

  re_enter {
    after   = "180d"
    at_most = 3
  }

  # The purpose is an order, not an open.
  goal "order" {
    on     = event.order_placed
    within = "60d"
  }

  exit "ordered" { on = event.order_placed }
  exit "asked" { on = toss_up.inquiry }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "whats_new" {
      subject  = "{{ lead.first_name ?? 'Hello' }}, a lot is new since you were last here"
      template = "win_back/whats_new.md"
      send     = "tue-thu 10:00-15:00"
    }

    wait "first_answer" {
      at_most = "10 business days"

      case "answered" {
        on = [event.email_clicked, event.visited]

        email "welcome_back" {
          subject  = "Good to see you again: the quick way to reorder"
          template = "win_back/welcome_back.md"
          send     = "mon-fri 09:30-16:30"
        }

        exit "came_back" {}
      }

      otherwise {
        email "last_letter" {
          subject  = "Shall we go on writing to you?"
          template = "win_back/last_letter.md"
          send     = "tue-thu 10:00-15:00"
        }
      }
    }

    wait "last_answer" {
      at_most = "14d"

      # Here even an open is enough to show that somebody still reads us.
      case "still_there" {
        on = [event.email_clicked, event.email_opened, event.visited]
        exit "stays" {}
      }

      otherwise {
        set "rest" { resting = true }

        exit "resting" {}
      }
    }
  }
}

# Who rested and comes again by themselves hears from us again from then on.
workflow "woken" {
  label = "Back from resting"
  owner = "marketing@copperleaf.example.com"

  enter { segment = segment.stirring }

  re_enter { after = "1d" }

  steps {
    set "wake" { resting = false }

    exit "awake" {}
  }
}
