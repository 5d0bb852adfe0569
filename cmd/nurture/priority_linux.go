package main

import (
	"runtime"
	"syscall"
)

// lowPriority lets the goroutine that calls it give way to everybody else on the
// machine: its thread gets the lowest priority and is its own until the goroutine
// ends, and the thread with it. For programs of their own: in a server, whoever waits
// for what such a thread holds waits as long as it does.
func lowPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) // where that is refused, the work competes
}
