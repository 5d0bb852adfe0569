# Watches whether somebody who looked at a key page comes back within two days. The first
# three hours do not count: they may be the same visit.
workflow "key_page" {
  label = "Back after a key page"
  owner = "marketing@takane.example.co.jp"

  enter {
    on   = event.key_page_viewed
    when = "lead.stage in ['latent', 'active']"
  }

  re_enter { after = "1h" }

  exit "with_sales" { when = "not (lead.stage in ['latent', 'active'])" }

  steps {
    wait "same_visit" { for = "3h" }

    wait "coming_back" {
      at_most = "45h" # two days in all

      case "returned" {
        on = event.page_read

        emit "tell" { event = event.key_page_returned }

        exit "returned" {}
      }

      otherwise {
        exit "stayed_away" {}
      }
    }
  }
}

# The heads-up. Nothing is handed over: the lead is put on a list, and whoever reads it
# decides whether to call.
workflow "heads_up" {
  label = "Heads-up"
  owner = "inside-sales@takane.example.co.jp"

  enter {
    segment = segment.warm
    when    = "lead.stage in ['latent', 'active']" # not who is with sales already
  }

  re_enter { after = "30d" } # once a month for the same lead

  steps {
    webhook "alert" {
      payload = {
        kind     = "heads_up"
        user_id  = "{{ lead.user_id ?? '' }}"
        company  = "{{ lead.company ?? '' }}"
        name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
        stage    = "{{ label(lead.stage) }}"
        interest = "{{ score.interest | round() }}"
      }
    }

    exit "told" {}
  }
}
