workflow "x" {
  enter { on = event.form_submitted }

  steps {
    webhook "tell" {
      channel       = channel.hook
      transactional = true # WARNING: Without effect
      payload       = { a = "b" }
    }
  }
}
