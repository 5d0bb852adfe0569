workflow "x" {
  enter { on = event.form_submitted }

  steps {
    webhook "tell" {
      channel = channel.mail # ERROR: Channel cannot do this
      payload = { a = "b" }
    }
  }
}
