contact_policy "other" {
  quiet_days = ["土", "sun"] # ERROR: Not hours or days
}
