# alone
# ERROR FILE: Block is missing
lead {}
