workflow "x" { # ERROR: Block is missing
  enter { on = event.form_submitted }
}
