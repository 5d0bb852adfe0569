workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "wording" {
        measure = "click"

        variant "a" { subject = "A" }
        variant "b" { subject = "A" } # ERROR: Nothing to compare
      }
    }
  }
}
