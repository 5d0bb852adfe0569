event "が" {}

score "x" {
  rule "a" {
    on     = event.が
    points = 1
  }
}
