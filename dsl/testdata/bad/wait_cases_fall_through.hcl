workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" { # WARNING: No otherwise
      at_most = "3d"

      case "clicked" { on = event.email_clicked }
    }
  }
}
