segment "x" {
  when = "lead.employees >= ${const.hot}" # ERROR: Wrong kind of braces
}
