package seeded

import (
	"flag"
	"os"
	"testing"
)

func TestTheSeedIsFixed(t *testing.T) {
	t.Parallel()
	f := flag.Lookup("rapid.seed")
	if f == nil {
		t.Fatal("rapid takes its seed elsewhere")
	}
	if os.Getenv("RAPID_SEED") == "" && f.Value.String() == "0" {
		t.Error("the seed is another one each time")
	}
}
