# alone
# ERROR FILE: Block is missing
project "x" { timezone = "UTC" }
