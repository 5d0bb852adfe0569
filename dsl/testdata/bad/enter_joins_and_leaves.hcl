workflow "x" {
  enter {
    segment = segment.big # ERROR: One or the other
    leaves  = segment.big
  }

  steps {
    wait "a" { for = "1d" }
  }
}
