channel "x" {
  plugin = "webhook"

  config { # ERROR: Attribute is missing
  }
}
