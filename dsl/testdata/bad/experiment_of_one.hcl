workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "wording" { # ERROR: Block is missing
        measure = "click"

        variant "a" { subject = "A" }
      }
    }
  }
}
