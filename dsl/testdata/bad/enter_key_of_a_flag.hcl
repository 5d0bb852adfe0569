workflow "x" {
  enter {
    on  = event.form_submitted
    key = "event.form == 'inquiry'" # ERROR: Not a text
  }

  steps {
    wait "a" { for = "1d" }
  }
}
