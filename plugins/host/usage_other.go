//go:build !linux

package host

// usageOf cannot tell.
func usageOf(int) (usage, bool) { return usage{}, false }
