workflow "x" {
  enter { on = event.form_submitted }

  steps {} # ERROR: Block is missing
}
