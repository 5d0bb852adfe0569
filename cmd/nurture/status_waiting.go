package main

import (
	"fmt"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// printWaiting tells of rules that wait for what stands in their way, and of those that
// went live by themselves when it had gone.
func (c *cli) printWaiting(lang string, r *httpd.Rules) {
	for _, line := range httpd.WaitingLines(lang, r) {
		fmt.Fprintln(c.out, line)
	}
}
