score "x" {} # ERROR: Block is missing
