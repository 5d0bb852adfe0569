channel "y" { # ERROR: Block is missing
  plugin = "webhook" 
  config = { url = "https://example.jp" } # ERROR: Block written as attribute
}
