workflow "x" {
  enter { on = event.seminar_joined }

  re_enter { at_most = 3 }

  steps {
    emit "again" { event = event.seminar_joined } # ERROR: Feeds itself
  }
}
