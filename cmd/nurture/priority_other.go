//go:build !linux

package main

// lowPriority does nothing: only Linux gives single threads a priority.
func lowPriority() {}
