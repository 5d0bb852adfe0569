channel "letters" {
  plugin = "email"

  domain "tanaka@example.jp" { at_once = 1 } # ERROR: Not a domain

  domain "docomo.ne.jp" { rate = "2 per second" }

  domain "DOCOMO.ne.jp" { at_once = 1 } # ERROR: Name used twice

  config {
    host = "smtp.example.jp:587"
    from = "sato@example.jp"
  }
}
