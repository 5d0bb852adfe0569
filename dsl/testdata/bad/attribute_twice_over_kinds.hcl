event "x" {
  text "a" {}
  number "a" {} # ERROR: Name used twice
}
