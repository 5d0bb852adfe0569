workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "time" {
        measure = "click"

        slot "a" { at = "火 9時半" } # ERROR: Not hours or days
        slot "b" { at = "wed 09:30" }
      }
    }
  }
}
