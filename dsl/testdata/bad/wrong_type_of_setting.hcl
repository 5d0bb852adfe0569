channel "x" {
  plugin = "webhook"

  config { url = 5 } # ERROR: Wrong kind of value
}
