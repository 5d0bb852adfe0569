// Package dsl is the language: HCL files and templates in, a checked and compiled
// engine.Spec out.
//
// A workspace is a folder. Load reads all of its files, says everything that is
// wrong with them in one run, and compiles them; nothing of it runs before the
// whole of it is sound:
//
//	files → tree (by the table) → names → values → references → conditions, texts → Spec
//
// One table, in the schema files, says which blocks and attributes there are. The
// loader reads by it, and everything that is told about the language comes from it.
// What stands inside quotes and templates is compiled behind a small border
// (border.go) by the expression gate and the text compiler.
//
// The package keeps no state, starts no plugin, and knows neither the time nor the
// store. Secrets that pass through it come out in a Channel's Config only, which
// nothing but Reveal shows.
package dsl
