workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }
    email "hello" {
      subject  = "hello"
      template = "hello.md"
    }

    goto "again" { # ERROR: Goes round without waiting
      step    = step.hello
      at_most = 3
    }
  }
}
