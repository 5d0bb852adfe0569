workflow "x" {
  enter {
    on       = event.form_submitted
    schedule = "0 9 * * 1" # ERROR: Half of a pair
    backfill = "all" # ERROR: Half of a pair # ERROR: One or the other
  }

  steps {
    wait "a" { for = "1d" }
  }
}

workflow "y" {
  enter {
    segment = segment.big
    spread  = "2h" # ERROR: Half of a pair
    key     = "lead.email" # ERROR: Half of a pair
  }

  steps {
    wait "b" { for = "1d" }
  }
}

workflow "z" {
  enter { on = event.form_submitted }
  re_enter { at_once = 2 } # ERROR: Half of a pair

  steps {
    wait "c" { for = "1d" }
  }
}
