workflow "x" {
  enter { on = event.form_submitted }

  steps {
    set "mark" {
      employees = "lead.last_name" # ERROR: Not a number
    }
  }
}
