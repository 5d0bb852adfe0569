package httpd

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// One address may hold a quarter of the memory for bodies; neighbours, among whom is
// the proxy, may hold all of it.
func TestOneAddressCannotTakeTheWholeBudget(t *testing.T) {
	t.Parallel()
	var b budget
	b.start(1000)
	one, other := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("203.0.113.8")
	if !b.take(250, one) || b.take(1, one) {
		t.Error("an address may have a quarter and no more")
	}
	if !b.take(200, other) || !b.take(550, netip.Addr{}) || b.take(1, other) {
		t.Error("what one address holds is all that others lack")
	}
	b.give(250, one)
	b.give(200, other)
	b.give(550, netip.Addr{})
	if b.left.Load() != 1000 || len(b.by) != 0 {
		t.Errorf("given back: %d left, %v", b.left.Load(), b.by)
	}
}

// A call that says that it is large gets room as its bytes come, not before.
func TestRoomIsTakenAsBytesCome(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 5000, firstRoom - 1, firstRoom, firstRoom + 1, 300_000} {
		var b budget
		b.start(1 << 20)
		most := int64(0)
		body := &body{budget: &b}
		come := 0
		in := readerFunc(func(p []byte) (int, error) {
			most = max(most, 1<<20-b.left.Load())
			if allowed := int64(max(2*come, firstRoom) + 4<<10); 1<<20-b.left.Load() > allowed+int64(come) {
				t.Errorf("%d bytes have come and %d are taken", come, 1<<20-b.left.Load())
			}
			n, err := strings.NewReader(strings.Repeat("x", size-come)).Read(p[:min(len(p), 1000)])
			come += n
			return n, err
		})
		if err := body.read(in, 500<<10, size); err != nil || len(body.bytes) != size {
			t.Errorf("%d bytes: %d, %v", size, len(body.bytes), err)
		}
		if most > int64(size)+firstRoom {
			t.Errorf("%d bytes took %d", size, most)
		}
		if body.release(); b.left.Load() != 1<<20 {
			t.Errorf("%d bytes: %d are not given back", size, 1<<20-b.left.Load())
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What a proxy on this machine passes on comes from elsewhere, whatever its address.
func TestWhatIsPassedOnIsNotFromThisMachine(t *testing.T) {
	t.Parallel()
	ask := func(header string) bool {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8383/", nil)
		r.RemoteAddr = "127.0.0.1:50000"
		if header != "" {
			r.Header.Set(header, "203.0.113.7")
		}
		return fromThisMachine(r)
	}
	if !ask("") {
		t.Error("a request of this machine is not known as one")
	}
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto", "X-Forwarded-Host"} {
		if ask(header) {
			t.Errorf("with %s it counts as made on this machine", header)
		}
	}
}
