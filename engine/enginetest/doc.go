// Package enginetest is support for tests and measurements: a clock that stands
// still until it is moved, conditions written in Go, and the common workload of
// every benchmark. No program imports it.
package enginetest
