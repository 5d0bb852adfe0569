consent "news" {
  granted = event.form_submitted

  confirm {
    subject  = "Please confirm"
    template = "hello.md" # ERROR: No link to confirm
  }
}
