workflow "welcome" {
  enter { on = event.form_submitted }

  steps {
    show "banner" { # ERROR: Attribute is missing
      slot     = "hero"
      template = "web/banner.md"
    }

    show "named" {
      slot     = "my slot" # ERROR: Not a name
      template = "web/named.md" # ERROR: Would show what is not to be seen
      at_most  = "14d"
    }

    show "scored" {
      slot     = "hero"
      template = "web/scored.md" # ERROR: Would show what is not to be seen
      at_most  = "14d"
    }

    show "revealed" {
      slot     = "hero"
      template = "web/named.md"
      until    = event.web_clicked # WARNING: Waits for ever
      reveals  = ["last_nam", "last_name"] # ERROR: Not one of the choices
    }
  }
}
