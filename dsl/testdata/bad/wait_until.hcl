workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      until = "tue 09:00-10:00" # ERROR: Not available yet, and needed
    }
  }
}
