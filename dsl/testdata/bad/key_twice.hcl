lead {
  key = "email"
}

lead {
  key = "last_name" # ERROR: Name used twice
}
