workflow "x" {
  enter { on = event.form_submitted }

  steps {
    set "mark" {
      employees    = true # ERROR: Value does not fit
      unsubscribed = "lead.employees" # ERROR: Not a yes/no question
      industry     = "bank" # ERROR: Not one of the choices
    }
  }
}
