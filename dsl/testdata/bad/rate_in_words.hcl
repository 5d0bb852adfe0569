channel "x" {
  plugin = "webhook"
  rate   = "20/s" # ERROR: Cannot be read

  config { url = "https://example.jp" }
}
