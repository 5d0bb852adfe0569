consent "x" {
  granted = event.consent_given
  revoked = event.consent_given # ERROR: One or the other
}
