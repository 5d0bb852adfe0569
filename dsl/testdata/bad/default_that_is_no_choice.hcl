event "x" {
  choice "c" {
    of      = ["a", "b"]
    default = "c" # ERROR: Not one of the choices
  }
}
