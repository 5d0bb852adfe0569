// Package engine decides about leads.
//
// There is one function that decides, Program.Decide: given a compiled set of
// rules, a lead and an event, it changes the lead and says what should be done.
// It is pure: the same Program, the same Lead and the same Event give the same
// Effects on every machine, for ever. It keeps no clock (time is Event.At and
// Event.Received), draws no random numbers (arms and jitter are hashes), starts
// no goroutine and does nothing: whoever called it writes the state, arms the
// timers and sends the messages, in one transaction, and brings back what became
// of them as further Events.
//
// The nouns: an Event happened to a Lead. A Program is what the language
// compiled (see Spec). A Lead is Folds (what follows from its facts alone), Acts
// (what was done about it) and Timers. A Fact is a row of the lead's journal.
// Effects is what one decision wants done.
package engine
