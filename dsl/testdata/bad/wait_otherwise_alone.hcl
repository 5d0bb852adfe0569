workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      on      = event.email_clicked
      at_most = "1d"

      otherwise {} # ERROR: Half of a pair
    }
  }
}
