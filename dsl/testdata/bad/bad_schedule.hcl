review "x" {
  schedule = "0 25 * * 1" # ERROR: Not a schedule
}

review "y" {
  schedule = "毎週月曜 9時" # ERROR: Not a schedule
}
