workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      on      = event.email_clicked # ERROR: One or the other
      at_most = "3d"

      case "clicked" { on = event.email_opened }
      otherwise {}
    }
  }
}
