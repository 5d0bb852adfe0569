contact_policy "other" {
  quiet_days = ["sun", "sat", "sun"] # ERROR: Name used twice
}
