segment "x" {} # ERROR: Attribute is missing
