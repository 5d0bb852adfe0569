contact_policy "other" {
  cap {
    channel = channel.mail
    at_most = 0 # ERROR: Number out of bounds
    per     = "7d"
  }
}
