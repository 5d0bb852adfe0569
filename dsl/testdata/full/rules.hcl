# Every way in, every step and every clock of the language.
project "full" {
  timezone = "Asia/Tokyo"
  language = "en"
  holdout  = 2
}

const {
  warm = 30
}

lead {
  key = "email"

  text "email" { required = true }
  text "region" { normalize = true }
  number "visits" {}
  flag "unsubscribed" { default = false }
  time "contacted_at" {}

  choice "tier" {
    of = ["a", "b"]
  }
}

event "ordered" {
  text "order_id" { required = true }
  number "amount" {}
}

event "joined" {}

event "nurtured" {
  text "reason" { required = true }
  number "round" {}
}

consent "news" {
  granted = event.consent_given
  revoked = event.unsubscribed
  expires = "730d"
}

score "interest" {
  expires = "90d"

  rule "click" {
    on     = event.email_clicked
    points = 10
  }
}

score "loyalty" {
  step  = "10 per 30d"
  range = [0, 50]

  rule "order" {
    on     = event.ordered
    points = 20
  }
}

segment "quiet" {
  when = "never('email_clicked', '30d') and since('joined') > 60"
}

segment "readers" { when = "consent.news" }

contact_policy "default" {
  requires = consent.news

  cap {
    channel = channel.mail
    at_most = 5
    per     = "7d"
  }
}

channel "mail" {
  plugin  = "email"
  at_once = 50

  config {
    host = "smtp.example.jp:587"
    from = "a@example.jp"
  }

  domain "docomo.ne.jp" {
    rate    = "2 per second"
    at_once = 1
  }

  domain "*" { at_once = 10 }
}

channel "team" {
  plugin       = "webhook"
  order        = "lead"
  at_most_once = true

  config { url = "https://example.jp/team" }
}

workflow "orders" {
  label    = "After an order"
  holdout  = 5
  priority = 10
  lane     = "main"
  on_pause = "run"
  overdue  = "skip"

  enter {
    on   = event.ordered
    when = "event.amount >= 1000"
    key  = "event.order_id"
  }

  re_enter {
    after   = "30d"
    at_most = 3
    at_once = 2
  }

  goal "again" {
    on     = event.ordered
    when   = "event.amount >= 2000"
    within = "60d"
  }

  steps {
    set "mark" {
      region       = "{{ lead.region ?? 'kanto' }}-{{ const.warm }}"
      tier         = "a"
      visits       = "(lead.visits ?? 0) + 1"
      unsubscribed = false
      contacted_at = "now"
    }

    wait "morning" {
      until      = "tue-thu 09:30-11:30"
      on_change  = "recompute"
      on_removed = "next"
    }

    email "thanks" {
      subject    = "Thanks"
      template   = "thanks.md"
      topic      = "orders"
      on_removed = "exit"

      experiment "wording" {
        measure = "click"
        decide  = "after 400 sends each, 97.5% sure"
        guard   = ["unsubscribed > 1%"]
        apply   = "auto"

        variant "plain" {}

        variant "number" {
          subject = "3 ideas for your order"
          tags    = ["number"]
        }
      }
    }

    wait "reaction" {
      at_most = "4d"

      case "clicked" {
        on   = event.email_clicked
        when = "event.link_class == 'offer' and event.verdict == 'human'"

        split "half" {
          arm "left" {
            weight = 70
            wait "a_day" { for = "1d" }
          }

          arm "right" {
            weight = 30
            exit "taken_out" {}
          }
        }
      }

      case "gone" {
        on = [event.unsubscribed, event.email_bounced]
        exit "gone" {}
      }

      otherwise {
        goto "once_more" {
          step    = step.morning
          at_most = 2
        }
      }
    }

    emit "tell" {
      event  = event.nurtured
      reason = "order of {{ lead.region ?? 'nowhere' }}"
      round  = 1
    }
  }
}

workflow "win_back" {
  lane = "main"

  enter {
    segment  = segment.quiet
    backfill = "all"
  }

  steps {
    wait "a_day" { for = "1d" }
  }
}

workflow "woken" {
  enter { leaves = segment.quiet }

  steps {
    wait "a_day" { for = "1d" }
  }
}

workflow "letter" {
  enter {
    schedule = "0 8 * * 2#1"
    segment  = segment.readers
    spread   = "2h"
  }

  steps {
    email "issue" {
      subject  = "Issue"
      template = "thanks.md"

      experiment "time" {
        measure = "open"
        within  = "2d"

        slot "early" { at = "tue 09:30" }
        slot "late" { at = "thu 17:30" }
      }
    }
  }
}

workflow "fair" {
  enter {
    schedule = "2026-10-01 09:00"
    segment  = segment.readers
  }

  steps {
    wait "a_day" { for = "1d" }
  }
}

toss_up "hot" {
  when = "score.interest >= 50"

  capacity {
    at_most = 5
    per     = "1 business day"
  }
}

kpi "click_rate" {
  rate       = event.email_clicked
  of         = event.email_delivered
  within     = "7d"
  by         = ["workflow", "step"]
  min_sample = 100

  threshold "weak" {
    when = ["value < 0.03", "kpi.offers.value > const.warm"]
    hold = "3d"

    notify {
      channel = channel.team
      message = "{{ value | percent() }} in {{ workflow }} / {{ step }}"
    }

    pause { what = "step" }

    tighten {
      policy  = contact_policy.default
      at_most = 1
      per     = "7d"
    }

    emit { event = event.joined }
  }
}

kpi "offers" { value = "toss_up.hot.handed_over - toss_up.hot.rejected" }

kpi "sold" { count = event.ordered }

kpi "reach" { value = "reachable('mail')" }

funnel "q" {
  period = "2026-10-01 to 2026-12-31"
  goal   = 10

  step "reached" { count = event.email_delivered }

  step "ordered" {
    count = event.ordered
    rate  = 0.1
    when  = "event.amount >= 1000"
  }
}

review "weekly" {
  schedule = "0 9 * * 1"
  channel  = channel.team
}

rollout {
  shadow       = "1h"
  canary       = 10
  channel      = channel.team
  bake         = "10d"
  roll_back_if = ["kpi.click_rate.value < 0.01", "const.warm < kpi.sold.value"]
}
