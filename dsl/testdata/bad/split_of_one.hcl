workflow "x" {
  enter { on = event.form_submitted }

  steps {
    split "s" { # ERROR: Block is missing
      arm "a" {
        weight = 50
        wait "a" { for = "1d" }
      }
    }
  }
}
