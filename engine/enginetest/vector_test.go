package enginetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

// The vector of the workload: the JSON lines of the first 100,000 events of seed 1
// over 10,000 leads, then a line with the sum of the leads' first points. The
// programs that nurture is compared with are modules of their own, with a copy of
// the generator; they are held to the same sum.
const vector = "238a430eab5e6873c6aec21d496bacb5604b7c27237e389b1ed9ca66e4a996c5"

func TestVector(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 10_000}
	sum := sha256.New()
	var line []byte
	for i := range 100_000 {
		line = append(w.AppendJSON(line[:0], i), '\n')
		sum.Write(line)
	}
	var points int
	for lead := range 10_000 {
		points += w.Points(lead)
	}
	fmt.Fprintf(sum, "%d\n", points)
	if got := hex.EncodeToString(sum.Sum(nil)); got != vector {
		t.Errorf("the sum of the first events is %s, want %s", got, vector)
	}
}
