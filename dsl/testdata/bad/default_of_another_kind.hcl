event "x" {
  number "n" { default = "none" } # ERROR: Value does not fit
}
