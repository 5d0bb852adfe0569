package engine

import "encoding/json"

// quoteJSON writes a text as JSON does.
func quoteJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
