// Package normal brings what people type to one form, so that one address, one
// number, one name is one value: Unicode's compatibility form, addresses with their
// domain as the name system has it, telephone numbers as they are dialled from
// anywhere. It is pure: the tables are part of the program.
package normal
