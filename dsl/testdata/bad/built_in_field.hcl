event "email_clicked" {
  number "link" {} # ERROR: Field has its own kind
}
