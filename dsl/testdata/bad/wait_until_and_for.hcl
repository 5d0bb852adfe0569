workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      for   = "1d"
      until = "tue 09:00-10:00" # ERROR: One or the other
    }
  }
}
