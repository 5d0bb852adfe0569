workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "first" { for = "1d" }

    branch "b" {
      case "clicked" {
        when = "did('email_clicked')"

        goto "far" {
          step    = step.behind
          at_most = 1
        }
        exit "gone" {}
      }

      otherwise {
        exit "cold" {}
      }
    }

    exit "never" {} # ERROR: Step is never reached
    wait "behind" { for = "1d" }
    exit "done" {}
  }
}
