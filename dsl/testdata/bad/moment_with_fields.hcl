event "x" {
  from = event.page_viewed
  when = "event.path == '/a'"

  text "more" {} # ERROR: One or the other
}
