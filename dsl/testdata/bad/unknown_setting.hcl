channel "x" {
  plugin = "webhook"

  config {
    url  = "https://example.jp"
    adress = "y" # ERROR: Unknown attribute
  }
}
