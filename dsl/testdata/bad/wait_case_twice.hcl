workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      at_most = "3d"

      case "clicked" { on = event.email_clicked }
      case "again" { on = [event.email_clicked, event.email_opened] } # ERROR: Step is never reached
      otherwise {}
    }
  }
}
