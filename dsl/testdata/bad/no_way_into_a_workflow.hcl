workflow "x" {
  enter {} # ERROR: Attribute is missing

  steps {
    wait "a" { for = "1d" }
  }
}
