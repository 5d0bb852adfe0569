workflow "x" {
  enter { on = event.form_submitted }

  steps {
    split "s" {
      arm "a" {
        weight = 50
        exit "one" {}
      }

      arm "b" {
        weight = 50
        exit "two" {}
      }
    }

    wait "b" { for = "2d" } # ERROR: Step is never reached
  }
}
