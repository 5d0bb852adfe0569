workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"
      send     = "mon-fri 09:00-18:00" # ERROR: One or the other

      experiment "time" {
        measure = "click"

        slot "a" { at = "tue 09:30" }
        slot "b" { at = "wed 09:30" }
      }
    }
  }
}
