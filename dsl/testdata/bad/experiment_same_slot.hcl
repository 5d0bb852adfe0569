workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "time" {
        measure = "click"

        slot "a" { at = "tue 09:30" }
        slot "b" { at = "tue 09:30" } # ERROR: Nothing to compare
      }
    }
  }
}
