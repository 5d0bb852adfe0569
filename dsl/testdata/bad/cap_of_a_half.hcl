contact_policy "other" {
  cap {
    channel = channel.mail
    at_most = 1.5 # ERROR: Number out of bounds
    per     = "7d"
  }
}
