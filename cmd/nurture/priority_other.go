//go:build !linux

package main

// lowPriority does nothing: only Linux gives single threads a priority.
func lowPriority() {}

// aside has nothing to make room for.
func aside() func() { return func() {} }
