// Package history asks recorded facts what rules would have done, or could have
// known. It runs them through the simulator, under programs that need not be the
// one that decided then; it reads through functions that are handed in, so that a
// file, a backup and a live store serve alike.
package history
