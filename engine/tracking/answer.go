package tracking

// Answer is the kind of an address by which sales answer a hand-over: Lead is whose
// it is, Message the offer's id, Step the toss-up's name.
const Answer Kind = 6
