workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }

    branch "b" {
      case "big" {
        when = "segment.big"
        wait "a" { for = "1d" } # ERROR: Name used twice
      }

      otherwise {}
    }
  }
}
