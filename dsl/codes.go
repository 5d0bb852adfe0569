package dsl

import "fmt"

// Severity says what a problem means for loading.
type Severity uint8

// The severities. Only an Error keeps a workspace from loading.
const (
	Error Severity = iota + 1
	Warning
	Note
)

// String is the severity's word in JSON.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "note"
}

// text is one language's words for a code. Summary is the same every time and
// names nothing; What says what exactly is wrong here, and Help what to write
// instead. What and Help are formats: %[1]s is the first of the problem's Args.
type text struct {
	Summary string
	What    string
	Help    string
}

// code is a row of the table of problems.
//
// N001–N099 are about structure (codes_table.go, codes_meaning.go). N021 and N100–N199 are about
// what stands inside quotes and templates (expr_codes.go: exprCodes).
type code struct {
	ID       string
	Severity Severity
	En, Ja   text
}

// raisedToServe are the codes that are Errors where a workspace is loaded to be
// served: what it would send is not what it says.
var raisedToServe = map[string]bool{codeUnsetSecret: true}

// toldToServe are the codes that only matter to who serves the workspace: check and
// test do all that it says.
var toldToServe = map[string]bool{codeNoBinary: true}

var codeTable = indexCodes(structureCodes, meaningCodes, exprCodes)

func indexCodes(lists ...[]code) map[string]code {
	out := map[string]code{}
	for _, list := range lists {
		for _, c := range list {
			if _, twice := out[c.ID]; twice {
				panic(fmt.Sprintf("code %s is declared twice", c.ID))
			}
			out[c.ID] = c
		}
	}
	return out
}

func codeOf(id string) (code, bool) {
	c, ok := codeTable[id]
	return c, ok
}

// Code is what `nurture explain N103` tells of a code, without a problem at hand.
type Code struct {
	ID       string `json:"code"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Help     string `json:"help"`
}

// Codes are all codes in order, in the language "ja" or in English.
func Codes(language string) []Code {
	var out []Code
	for _, id := range names(codeTable) {
		c, d := codeTable[id], Diagnostic{Code: id}
		out = append(out, Code{id, c.Severity.String(), d.Summary(language), d.Message(language), d.Help(language)})
	}
	return out
}

// Explain is what there is to say about a code.
func Explain(id, language string) (Code, bool) {
	for _, c := range Codes(language) {
		if c.ID == id {
			return c, true
		}
	}
	return Code{}, false
}

// argsOf are a problem's args in the reader's language.
func argsOf(args []any, language string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if d, ok := a.(Doc); ok {
			a = d.In(language)
		}
		out[i] = fmt.Sprint(a)
	}
	return out
}
