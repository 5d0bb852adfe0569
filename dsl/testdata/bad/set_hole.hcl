workflow "x" {
  enter { on = event.form_submitted }

  steps {
    set "mark" {
      employees = "lead.employees + 1" # ERROR: May be empty
    }
  }
}
