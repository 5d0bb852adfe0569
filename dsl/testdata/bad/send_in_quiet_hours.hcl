workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "Hello"
      template = "hello.md"
      send     = "tue 20:00-22:00" # ERROR: Never sent
    }
  }
}
