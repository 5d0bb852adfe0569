event "formular" { name = "Form Submitted" } # ERROR: Same name on the wire
