package httpd

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/seed-456efde2/nurture/engine/verdict"
)

// crowd bounds the connections. One address has so many at most, so that a single
// machine cannot take all of them; where all are taken, the one that has been silent
// the longest makes room, so that those who only hold on keep nobody out. Neighbours
// have no bound of their own: behind one of them may be a proxy, and everybody.
//
// Invariant: a connection is in held from StateNew to StateClosed, and has a place in
// silent exactly while it waits for a request.
type crowd struct {
	all, each int

	mu     sync.Mutex
	held   map[net.Conn]*visitor
	silent *list.List // of net.Conn, the one that has been silent longest first
	by     map[netip.Addr]int
	turned uint64 // connections closed for want of room
}

// visitor is what is kept of a connection.
type visitor struct {
	from  netip.Addr    // zero: a neighbour, who is not counted
	place *list.Element // in silent; nil while it is at work
}

// Bounds of the connections.
const (
	maxConnections = 10_000
	maxPerAddress  = 256
)

func newCrowd(all, each int) *crowd {
	return &crowd{all: all, each: each, held: map[net.Conn]*visitor{}, silent: list.New(), by: map[netip.Addr]int{}}
}

// note is told what becomes of each connection; it is an http.Server's ConnState.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	var leave net.Conn
	switch state {
	case http.StateNew:
		leave = c.enter(conn)
	case http.StateActive:
		c.busy(conn)
	case http.StateIdle:
		c.wait(conn)
	case http.StateClosed, http.StateHijacked:
		c.leave(conn)
	}
	c.mu.Unlock()
	if leave != nil {
		_ = leave.Close() // the server notices by itself, and says so here
	}
}

// enter takes a connection in, and gives the one that has to go for it, if any.
func (c *crowd) enter(conn net.Conn) (leave net.Conn) {
	v := &visitor{from: stranger(conn.RemoteAddr())}
	c.held[conn] = v
	if v.from.IsValid() {
		c.by[v.from]++
		if c.by[v.from] > c.each {
			c.turned++
			return conn
		}
	}
	if len(c.held) > c.all {
		c.turned++
		leave = conn
		if first := c.silent.Front(); first != nil {
			leave = first.Value.(net.Conn)
			c.busy(leave) // it has no place any more, and is gone in a moment
		}
	}
	if leave != conn {
		c.wait(conn)
	}
	return leave
}

func (c *crowd) wait(conn net.Conn) {
	if v := c.held[conn]; v != nil && v.place == nil {
		v.place = c.silent.PushBack(conn)
	}
}

func (c *crowd) busy(conn net.Conn) {
	if v := c.held[conn]; v != nil && v.place != nil {
		c.silent.Remove(v.place)
		v.place = nil
	}
}

func (c *crowd) leave(conn net.Conn) {
	v := c.held[conn]
	if v == nil {
		return
	}
	c.busy(conn)
	delete(c.held, conn)
	if v.from.IsValid() {
		if c.by[v.from]--; c.by[v.from] == 0 {
			delete(c.by, v.from)
		}
	}
}

// stranger is the address of somebody who is no neighbour, else none. Of IPv6 it is
// the network that one customer gets, since all addresses in it are theirs.
func stranger(remote net.Addr) netip.Addr { return strangerAt(remote.String()) }

func strangerAt(remote string) netip.Addr {
	addr := verdict.Address(remote).Unmap()
	switch {
	case !addr.IsValid() || addr.IsLoopback() || addr.IsPrivate():
		return netip.Addr{}
	case addr.Is6():
		network, err := addr.WithZone("").Prefix(64)
		if err != nil {
			return netip.Addr{}
		}
		return network.Addr()
	}
	return addr
}
