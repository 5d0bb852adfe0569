workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"

      experiment "wording" {
        measure = "click"
        decide  = "after 400 sends each, 100% sure" # ERROR: Number out of bounds
        guard   = ["unsubscribe > 1%"] # ERROR: Unknown reference

        variant "a" { subject = "A" }
        variant "b" { subject = "B" }
      }
    }
  }
}
