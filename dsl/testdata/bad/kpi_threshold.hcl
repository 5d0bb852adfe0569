kpi "clicks" {
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  by     = ["workflow"]

  threshold "weak" {
    when = "value < 3" # ERROR: Threshold out of range

    notify {
      channel = channel.mail # ERROR: Channel reaches leads
      message = "{{ valu }} {{ step }}" # ERROR: Unknown word # ERROR: Unknown word
    }

    pause { what = "step" } # ERROR: Half of a pair

    emit { event = event.email_clicked } # ERROR: Event of somebody else
  }

  threshold "lead" {
    when = "lead.employees > 3" # ERROR: Not to be read here

    tighten { # WARNING: Without effect
      policy  = contact_policy.default
      at_most = 1
      per     = "7d"
    }
  }
}
