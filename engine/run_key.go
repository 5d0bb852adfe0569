package engine

// ofKey reports whether the event at hand can be about the run of a workflow with
// that key. An event that says the key itself, because it carries every field from
// which the key is made, and says another one is about another run: of another
// order, another seminar. It does not end this one's waits, takes nobody out of it
// and is not its goal. An event that does not say the key is about every run.
func (f *Frame) ofKey(flow *flowPlan, key string) bool {
	by := flow.spec.Enter.Key
	if by == nil || f.event == nil {
		return true
	}
	for _, k := range by.Reads() {
		if k.Kind != KeyEvent || f.readField(k.Name).IsNone() {
			return true
		}
	}
	v, err := f.value(by, flow.key)
	return err != nil || v.String() == "" || v.String() == key
}
