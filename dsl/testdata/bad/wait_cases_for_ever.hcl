workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" { # WARNING: Waits for ever
      case "clicked" { on = event.email_clicked }
    }
  }
}
