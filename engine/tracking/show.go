package tracking

// Shown is the kind of a token that goes along with what a slot of a web site shows:
// Lead is whom, Message the showing, Class the slot, Topic when it was decided. It
// leads nowhere; whoever sends it back tells that it was seen.
const Shown Kind = 7
