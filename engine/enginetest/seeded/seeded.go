// Package seeded gives random tests the same worlds each time. Tests with pgregory.net/rapid
// import it for its effect:
//
//	import _ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
//
// Rapid begins each run with another seed unless it is told one. A world that breaks
// something is worth having when somebody looks for it, and not when somebody else has
// to know whether a change is sound. To look for it: go test -run NAME -rapid.seed 0, or
// with RAPID_SEED set to any number.
package seeded

import (
	"flag"
	"fmt"
	"os"

	_ "pgregory.net/rapid" // brings the flag
)

// seed is that of every test whose caller asks for no other.
const seed = "20260401"

func init() {
	if os.Getenv("RAPID_SEED") != "" {
		return
	}
	if err := flag.Set("rapid.seed", seed); err != nil {
		panic(fmt.Sprintf("fix the seed of random tests: %v", err))
	}
}
