workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      until = "火曜の朝" # ERROR: Not hours or days
    }
  }
}
