package enginetest

import (
	"context"
	"testing"
	"time"
)

// lastWords is the time before the deadline of all tests in which one that hangs can
// still say what it waits for.
const lastWords = 20 * time.Second

// Patience is for waiting on what other processes do in their own time. It ends with
// the test, and else only shortly before the deadline of `go test -timeout`: how long a
// machine takes that has much else to do is nothing that a test can know.
func Patience(t testing.TB) context.Context {
	t.Helper()
	whole, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return t.Context()
	}
	end, ok := whole.Deadline()
	if !ok {
		return t.Context()
	}
	ctx, stop := context.WithDeadline(t.Context(), end.Add(-lastWords))
	t.Cleanup(stop)
	return ctx
}

// Zone is a time zone in which no day begins or ends within some hours: what may happen
// once a day may happen twice in a test into which a midnight falls.
func Zone() string {
	const tokyo = 9 // hours before UTC
	if hour := (time.Now().UTC().Hour() + tokyo) % 24; hour >= 4 && hour < 20 {
		return "Asia/Tokyo"
	}
	return "UTC"
}
