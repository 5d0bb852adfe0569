event "a" {
  from = event.b # ERROR: Goes in a circle
  when = "weekday == 'mon'"
}

event "b" {
  from = event.a # ERROR: Goes in a circle
  when = "weekday == 'mon'"
}
