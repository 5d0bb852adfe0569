channel "hook2" {
  plugin = "webhook"

  config { url = "https://example.jp/2" }
}

workflow "x" {
  enter { on = event.form_submitted }

  steps {
    webhook "tell" { # ERROR: Which channel?
      payload = { a = "b" }
    }
  }
}
