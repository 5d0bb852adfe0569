test "a client who said yes before is likely" {
  start = "2010-06-01 10:00"

  lead { age = 41 }

  event "call_made" {
    previous_outcome = "success"
    euribor3m        = 4.857
  }

  expect = ["tossed_up('likely')"]
}

test "a low rate makes everybody likely" {
  start = "2010-06-01 10:00"

  lead { age = 41 }

  event "call_made" {
    previous_outcome = "nonexistent"
    euribor3m        = 1.299
  }

  expect = ["tossed_up('likely')"]
}

test "below means below" {
  start = "2010-06-01 10:00"

  lead { age = 41 }

  event "call_made" {
    previous_outcome = "failure"
    euribor3m        = 1.3
  }

  expect = ["not tossed_up('likely')"]
}
