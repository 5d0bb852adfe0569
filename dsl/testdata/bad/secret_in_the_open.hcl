channel "x" {
  plugin = "webhook"

  config {
    url    = "https://example.jp"
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" # NOTE: Secret written in the file
  }
}
