workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "both" {
        measure = "click"

        variant "a" { subject = "A" }
        variant "b" { subject = "B" }
        slot "c" { at = "tue 09:30" } # ERROR: One or the other
      }
    }
  }
}
