const {
  many = [1, 2] # ERROR: Wrong kind of value
}
