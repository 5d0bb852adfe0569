lead {
  text "phone" {
    identifier = true
    form       = "phone"
    raw        = "phone_as_given"
  }

  text "phone_as_given" {}
  text "crm_id" { identifier = true }

  text "fax" {
    form = "fax" # ERROR: Not one of the choices
    raw  = "fax_raw" # ERROR: Unknown reference
  }

  text "mobile" { raw = "phone_as_given" } # ERROR: Half of a pair

  text "home" {
    form = "phone"
    raw  = "home" # ERROR: Value does not fit
  }

  number "badge" { identifier = true } # ERROR: Unknown attribute
}
