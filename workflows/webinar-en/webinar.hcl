# Sign-up → confirmation → (the webinar) → what suits those who came, and those who did not.
# With the key there is one run for each webinar, and each goes its own way.
workflow "webinar" {
  label = "Webinar follow-up"
  owner = "marketing@fernway.example.com"

  enter {
    on  = event.webinar_registered
    key = "event.webinar_id"
  }

  # The purpose is not sign-ups. It is counted for 60 days, after they have left as well.
  goal "opportunity" {
    on     = event.opportunity_created
    within = "60d"
  }

  exit "cancelled" { on = event.webinar_cancelled }
  exit "asked" { on = toss_up.asked }
  exit "handed_over" { on = toss_up.hot_attendee }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    # They signed up and expect it: it goes at night, and without consent to marketing.
    email "received" {
      subject       = "You are in: {{ lead.webinar_title ?? 'our webinar' }}"
      template      = "webinar/received.md"
      transactional = true
    }

    # Waits until the webinar tool tells who came and who did not. The first word decides.
    wait "outcome" {
      at_most = "90d"

      case "attended" {
        on = event.webinar_attended

        email "thanks" {
          subject  = "Slides and recording: {{ lead.webinar_title ?? 'our webinar' }}"
          template = "webinar/thanks.md"
          send     = "mon-fri 09:00-16:30"
        }

        wait "after_thanks" {
          on      = [event.email_clicked, event.pricing_viewed]
          at_most = "4 business days"
        }

        branch "next" {
          case "interested" {
            when = "did('email_clicked', '7d') or did('pricing_viewed', '7d')"

            email "consultation" {
              subject  = "{{ lead.first_name ?? 'Hello' }}, 30 minutes on how this would look at your company"
              template = "webinar/consultation.md"
              send     = "tue-thu 10:00-15:30"
            }

            exit "invited" {}
          }

          otherwise {
            exit "informed" {}
          }
        }
      }

      case "missed" {
        on = event.webinar_missed

        email "video" {
          subject  = "We missed you. Here is the recording: {{ lead.webinar_title ?? 'our webinar' }}"
          template = "webinar/video.md"
          send     = "mon-fri 09:00-16:30"
        }

        wait "watching" {
          at_most = "5 business days"

          case "watched" {
            on = event.video_watched

            wait "let_it_sink_in" { for = "1 business day" }

            email "after_video" {
              subject  = "You watched the recording: three questions that come up next"
              template = "webinar/after_video.md"
              send     = "mon-fri 09:00-16:30"
            }

            exit "watched" {}
          }

          # The gist, once, and that is all. Nobody is chased.
          otherwise {
            email "in_short" {
              subject  = "The gist in three minutes: {{ lead.webinar_title ?? 'our webinar' }}"
              template = "webinar/in_short.md"
              send     = "mon-fri 09:00-16:30"
            }

            exit "summed_up" {}
          }
        }
      }

      otherwise {
        exit "never_heard" {}
      }
    }
  }
}

# The reminder. Time alone starts it, at the very moment that 24 hours are left.
workflow "webinar_reminder" {
  label = "Reminder the day before"
  owner = "marketing@fernway.example.com"

  enter {
    segment = segment.joins_tomorrow
    when    = "in_workflow('webinar')" # not to those who have cancelled
  }

  re_enter { after = "1h" } # the next webinar is reminded of as well

  exit "cancelled" { on = event.webinar_cancelled }

  steps {
    # Who signs up at the last moment does not get two mails at the same time.
    wait "a_moment" { for = "15m" }

    # The link to join was promised to those who signed up.
    email "tomorrow" {
      subject       = "Your link to join: {{ lead.webinar_title ?? 'our webinar' }}"
      template      = "webinar/tomorrow.md"
      transactional = true
    }

    exit "reminded" {}
  }
}
