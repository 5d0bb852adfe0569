channel "x" {
  plugin = "emial" # ERROR: Unknown plugin
}
