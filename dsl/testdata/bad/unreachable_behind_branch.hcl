workflow "x" {
  enter { on = event.form_submitted }

  steps {
    branch "b" {
      case "big" {
        when = "segment.big"
        exit "big" {}
      }

      otherwise {
        exit "small" {}
      }
    }

    wait "more" { for = "1d" } # ERROR: Step is never reached
  }
}
