workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      case "clicked" { on = event.email_clicked }
      otherwise {} # ERROR: Half of a pair
    }
  }
}
