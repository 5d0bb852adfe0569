test "何も確かめないテスト" { # WARNING: Nothing is expected
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }
}
