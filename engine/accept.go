package engine

// Convert brings a client's value to the declared kind, as a rule that reads it
// would; ok is false where that cannot be done. No value stays none.
func (a *AttrSpec) Convert(v Value) (Value, bool) { return convert(v, a) }
