segment "x" {
  label = file("../secret.txt") # ERROR: File not found
  when  = "lead.employees > 1"
}
