workflow "x" {
  enter { on = event.form_submitted }

  steps {
    emit "fake" { event = event.pricing_viewed } # ERROR: A moment does not arrive
  }
}
