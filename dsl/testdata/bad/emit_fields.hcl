event "nurtured" {
  text "reason" { required = true }
  number "round" {}
}

workflow "x" {
  enter { on = event.form_submitted }

  steps {
    emit "tell" { # ERROR: Required value is missing
      event = event.nurtured
      round = "'one'" # ERROR: Not a number
      color = "red" # ERROR: Unknown attribute
    }
  }
}
