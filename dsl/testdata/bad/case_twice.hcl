workflow "x" {
  enter { on = event.form_submitted }

  steps {
    branch "b" {
      case "big" { when = "lead.employees >= 100" }
      case "also_big" { when = "lead.employees>=100" } # ERROR: Step is never reached

      otherwise {}
    }

    wait "more" { for = "1d" }
  }
}
