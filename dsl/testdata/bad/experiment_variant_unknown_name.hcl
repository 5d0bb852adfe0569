workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      template = "hello.md"

      experiment "subject" {
        measure = "click"

        variant "a" { subject = "A" }
        variant "b" { subject = "B {{ lead.companyname ?? '' }}" } # ERROR: Unknown name
      }
    }
  }
}
