package tracking

// Confirm is the kind of an address by which a lead confirms a consent: Step is the
// consent's name.
const Confirm Kind = 8

// Preferences is the kind of an address of a lead's own page, on which it says what
// it wants to hear of, and how often.
const Preferences Kind = 9

// known reports a kind of which tokens are made.
func (k Kind) known() bool {
	return k >= Click && k <= Trap || k == Answer || k == Shown || k == Confirm || k == Preferences
}
