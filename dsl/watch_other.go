//go:build !linux

package dsl

// remoteFolder is not known here: Poll tells how often to look.
func remoteFolder(string) bool { return false }
