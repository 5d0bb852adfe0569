package httpd

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// openDoor takes everything at once.
type openDoor struct{ Door }

func (openDoor) Submit(_ context.Context, events []engine.Event) ([]runner.Result, error) {
	return make([]runner.Result, len(events)), nil
}

// BenchmarkCollect is the cost of one event between the connection and the Door.
func BenchmarkCollect(b *testing.B) {
	w := newWorld(b)
	o := w.options()
	o.Door = openDoor{w}
	s := newServer(b, o)
	for _, n := range []int{1, 15, 1000} {
		item := `{"type":"track","messageId":"node-next-1795299288329-%08d","timestamp":"2026-10-06T09:00:00.000Z","userId":"lead-%06d","event":"page_view","properties":{"path":"/pricing/plans","duration":12,"session":"s-1"},"context":{"library":{"name":"analytics-node","version":"3.1.0"}}}`
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(item, i, i))
		}
		body := `{"batch":[` + strings.Join(items, ",") + `],"sentAt":"2026-10-06T09:00:00Z"}`
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i += n {
				r := httptest.NewRequest("POST", "/v1/batch", strings.NewReader(body))
				r.SetBasicAuth("site-key", "")
				w := httptest.NewRecorder()
				if s.Handler().ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
