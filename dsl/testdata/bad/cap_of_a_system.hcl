contact_policy "other" {
  cap {
    channel = channel.hook # ERROR: Channel reaches no lead
    at_most = 1
    per     = "7d"
  }
}
