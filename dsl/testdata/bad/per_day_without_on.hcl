score "x" {
  rule "a" {
    when    = "lead.employees > 1"
    points  = 1
    at_most = "1 per day" # ERROR: Half of a pair
  }
}
