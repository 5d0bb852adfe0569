workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "こんにちは"
      template = "helo.md" # ERROR: Template not found
    }
  }
}
