contact_policy "other" {
  quiet_hours = "19時〜8時半" # ERROR: Not hours or days
}
