event "x" {
  from = event.page_viewed # ERROR: Half of a pair
}
