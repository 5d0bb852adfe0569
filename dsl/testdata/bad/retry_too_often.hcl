channel "x" {
  plugin = "webhook"
  retry  = "500 times over 24h" # ERROR: Cannot be read

  config { url = "https://example.jp" }
}
