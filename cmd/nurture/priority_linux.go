package main

import (
	"runtime"
	"syscall"
)

// lowPriority lets the goroutine that calls it give way to everybody else on the
// machine: its thread gets the lowest priority and is its own until the goroutine
// ends, and the thread with it. A server that plans goes on answering at once.
func lowPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) // where that is refused, the work competes
}

// aside makes room for goroutines of low priority: a thread that gives way still
// holds its share of Go's processors, and whoever must not wait would wait for one.
// The returned function takes the room back.
func aside() func() {
	runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0))
	return runtime.SetDefaultGOMAXPROCS
}
