# alone
project "x" { timezone = "UTC" }

lead {
  text "unsubscribed" {} # ERROR: Attribute has its own kind
}
