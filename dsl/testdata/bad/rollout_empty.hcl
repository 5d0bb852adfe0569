rollout { # ERROR: Attribute is missing
}
