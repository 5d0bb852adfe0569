workflow "x" {
  enter { on = event.form_submitted }

  steps {
    split "s" { # WARNING: Not available yet, and missed
      arm "a" {
        weight = 50
        wait "a" { for = "1d" }
      }

      arm "b" {
        weight = 50
        wait "b" { for = "2d" }
      }
    }
  }
}
