workflow "x" {
  enter { on = event.form_submitted }

  exit "done" { when = "segment.big" }

  steps {
    wait "a" { for = "1d" }
    exit "done" {} # ERROR: Name used twice
  }
}
