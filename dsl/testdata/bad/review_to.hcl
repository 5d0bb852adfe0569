channel "board" { plugin = "log" }

review "weekly" {
  schedule = "0 9 * * 1"
  channel  = channel.board
  to       = "team@example.co.jp" # WARNING: Without effect
}

review "monthly" {
  schedule = "0 9 1 * *"
  to       = "team@example.co.jp" # ERROR: Half of a pair
}
