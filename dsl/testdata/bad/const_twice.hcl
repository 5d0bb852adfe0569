const {
  hot = 80 # ERROR: Name used twice
}
