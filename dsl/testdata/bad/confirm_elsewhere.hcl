consent "news" {
  granted = event.form_submitted

  confirm {
    channel  = channel.hook # ERROR: Channel cannot do this
    subject  = "Please confirm"
    template = "confirm.md"
    at_most  = 0 # ERROR: Number out of bounds
  }
}

workflow "w" {
  enter { on = event.form_submitted }

  steps {
    email "one" {
      subject  = "Follow {{ confirm_url }}" # ERROR: Not to be read here
      template = "hello.md"
    }
  }
}
