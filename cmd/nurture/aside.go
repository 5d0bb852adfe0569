package main

import "runtime"

// aside makes room for goroutines that work for long beside others: for each, one of
// Go's processors more than there are cores. While one of them works and another
// processor's thread is in the system, to sync a file for instance, nobody would look
// for calls that have come in. The returned function takes the room back.
func aside(workers int) func() {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + workers)
	return runtime.SetDefaultGOMAXPROCS
}
