workflow "x" {
  lane = "nurtur" # WARNING: Without effect

  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }
  }
}

workflow "y" {
  lane = "nurture"

  enter { on = event.form_submitted }

  steps {
    wait "b" { for = "1d" }
  }
}

workflow "z" {
  lane     = "nurture"
  priority = 1.5 # ERROR: Number out of bounds

  enter { on = event.form_submitted }

  steps {
    wait "c" { for = "1d" }
  }
}
