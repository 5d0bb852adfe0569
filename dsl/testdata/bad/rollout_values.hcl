rollout {
  shadow = "0s" # ERROR: Not a length of time
  canary = 0    # ERROR: Number out of bounds
  bake   = "5 business days" # ERROR: Not a length of time
}
