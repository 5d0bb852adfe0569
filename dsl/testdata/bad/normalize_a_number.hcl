event "bought" {
  number "price" { normalize = true } # WARNING: Without effect
}
