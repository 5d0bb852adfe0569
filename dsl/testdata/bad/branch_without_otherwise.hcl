workflow "x" {
  enter { on = event.form_submitted }

  steps {
    branch "b" { # WARNING: No otherwise
      case "big" {
        when = "segment.big"
        exit "big" {}
      }
    }

    wait "more" { for = "1d" }
  }
}
