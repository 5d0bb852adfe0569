contact_policy "other" {
  quiet_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] # ERROR: Not hours or days
}
