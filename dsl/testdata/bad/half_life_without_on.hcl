score "x" {
  half_life = "7d" # WARNING: Without effect

  rule "a" {
    when   = "lead.employees > 1"
    points = 1
  }
}
