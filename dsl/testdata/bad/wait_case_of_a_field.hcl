workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      at_most = "3d"

      case "inquiry" {
        on   = event.form_submitted
        when = "event.form == 'inquery'" # ERROR: Value that never comes
      }

      otherwise {}
    }
  }
}
