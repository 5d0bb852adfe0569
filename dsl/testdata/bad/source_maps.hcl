# A source names events and fields that are declared, and paths that lead somewhere.
lead { key = "email" }

event "inquired" {
  text "subject" {}
  choice "size" { of = ["s", "m"] }
}

event "big_inquiry" {
  from = event.inquired
  when = "event.size == 'm'"
}

source "forms" {
  kind = "webhook"

  verify {
    scheme = "hmac" # a comment
    header = "X-Signature"
    secret = secret("FORMS_SECRET") # NOTE: Not set
  }

  map {
    when       = "payload.contact.age >= 20 and payload.kind == 'form' and not payload.spam"
    event      = event.inquired
    email      = "contact.email"
    fields     = { subject = "answers[0].text", size = "m" }
    attributes = { employees = "company.size" }
  }

  map {
    event  = event.inquired
    email  = "contact..email" # ERROR: Not a path
    fields = { subjct = "a", size = 5 } # ERROR: Unknown reference # ERROR: Value does not fit
  }

  map {
    event   = event.big_inquiry # ERROR: A moment does not arrive
    user_id = "id"
  }

  map { # ERROR: Half of a pair
    event = event.inquired
  }

  map {
    when    = "lead.employees > 5" # ERROR: Not to be read here
    event   = event.inquired
    user_id = "id"
    fields  = { size = true } # ERROR: Value does not fit
  }
}

source "receipts" { # ERROR: Half of a pair
  kind    = "ses"
  channel = channel.mail
}

source "page" {
  origins = ["www.example.co.jp"] # ERROR: Cannot be read
  topic   = "arn:aws:sns:x" # WARNING: Without effect
}

source "desk" {
  kind = "webhook"

  verify { # ERROR: Half of a pair
    scheme = "basic"
    secret = secret("DESK_SECRET") # NOTE: Not set
    prefix = "v1=" # WARNING: Without effect
  }

  map {
    event   = event.inquired
    user_id = "id"
  }
}

segment "wrong" {
  when = "payload.id == '5'" # ERROR: Not to be read here
}
