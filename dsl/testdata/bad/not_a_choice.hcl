contact_policy "other" {
  quiet_hours = "19:00-08:30"
  when_quiet  = "pospone" # ERROR: Not one of the choices
}
