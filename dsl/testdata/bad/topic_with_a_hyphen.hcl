workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "hello"
      template = "hello.md"
      topic    = "news-letter" # ERROR: Not a name
    }
  }
}
