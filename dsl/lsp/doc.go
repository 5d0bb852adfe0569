// Package lsp is the language server of nurture: it tells editors what dsl knows
// of a workspace while it is being written.
//
// It speaks the Language Server Protocol over a pair of streams. What the editor
// has not saved yet lies over the folder on the disk, and the whole workspace is
// loaded anew after each pause in typing, since a name is declared in one file and
// used in another. The last results stay until new ones are there. The server
// never writes a file: it answers with edits, and the editor makes them.
//
// What can be said about the language stands in dsl (Analysis); this package
// knows the protocol, the editor's files and time, and nothing of rules.
package lsp
