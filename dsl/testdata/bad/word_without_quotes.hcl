contact_policy "other" {
  quiet_hours = "19:00-08:30"
  when_quiet  = skip # ERROR: Wrong kind of value
}
