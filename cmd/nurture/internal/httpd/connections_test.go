package httpd

import (
	"net"
	"net/http"
	"testing"
)

// fakeConn is a connection from an address.
type fakeConn struct {
	net.Conn
	from   string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", c.from)
	if err != nil {
		panic(err)
	}
	return addr
}

func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}

func TestOneAddressCannotTakeAllConnections(t *testing.T) {
	t.Parallel()
	c := newCrowd(100, 3)
	var conns []*fakeConn
	enter := func(from string) *fakeConn {
		conn := &fakeConn{from: from}
		conns = append(conns, conn)
		c.note(conn, http.StateNew)
		return conn
	}
	for range 3 {
		if enter("203.0.113.7:1000").closed {
			t.Error("one within the bound was turned away")
		}
	}
	over := enter("203.0.113.7:1003")
	if !over.closed {
		t.Error("one over the bound was let in")
	}
	c.note(over, http.StateClosed)
	if enter("203.0.113.8:1000").closed {
		t.Error("another address was turned away")
	}
	for i := range 5 {
		if enter("10.0.0.1:1000").closed || enter("127.0.0.1:1000").closed || enter("[::1]:1000").closed {
			t.Error("a neighbour was turned away", i)
		}
	}
	// A customer of an IPv6 network has all of its addresses.
	for range 3 {
		enter("[2001:db8:1:2::1]:1000")
	}
	if !enter("[2001:db8:1:2:ffff::9]:1000").closed || enter("[2001:db8:1:3::1]:1000").closed {
		t.Error("IPv6 is not counted by network")
	}
	for _, conn := range conns {
		c.note(conn, http.StateClosed)
	}
	if len(c.held) != 0 || len(c.by) != 0 || c.silent.Len() != 0 {
		t.Errorf("all have gone, and these are kept: %d, %v, %d", len(c.held), c.by, c.silent.Len())
	}
	if enter("203.0.113.7:1000").closed {
		t.Error("the address is still counted")
	}
}

func TestWhoIsSilentLongestMakesRoom(t *testing.T) {
	t.Parallel()
	c := newCrowd(3, 100)
	a, b, d, e, f := &fakeConn{from: "203.0.113.1:1"}, &fakeConn{from: "203.0.113.2:1"}, &fakeConn{from: "203.0.113.3:1"}, &fakeConn{from: "203.0.113.4:1"}, &fakeConn{from: "203.0.113.5:1"}
	for _, conn := range []*fakeConn{a, b, d} {
		c.note(conn, http.StateNew)
	}
	c.note(a, http.StateActive) // a works, b is silent longest
	c.note(e, http.StateNew)
	if !b.closed || a.closed || d.closed || e.closed {
		t.Errorf("closed: a %v, b %v, d %v, e %v; want b alone", a.closed, b.closed, d.closed, e.closed)
	}
	c.note(b, http.StateClosed)
	c.note(d, http.StateActive)
	c.note(e, http.StateActive)
	c.note(f, http.StateNew)
	if !f.closed || a.closed || d.closed || e.closed {
		t.Error("while all are at work the new one has to go")
	}
	c.note(f, http.StateClosed)
	c.note(a, http.StateIdle)
	c.note(&fakeConn{from: "203.0.113.6:1"}, http.StateNew)
	if !a.closed || c.turned != 3 {
		t.Errorf("who is idle makes room: %v, %d turned away", a.closed, c.turned)
	}
}
