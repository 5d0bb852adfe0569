workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "wording" {
        measure = "clicks" # ERROR: Not one of the choices
        decide  = "after 400, 95%" # ERROR: Cannot be read
        guard   = ["unsubscribed over 1%"] # ERROR: Cannot be read

        variant "a" { subject = "A" }
        variant "b" { subject = "B" }
      }
    }
  }
}
