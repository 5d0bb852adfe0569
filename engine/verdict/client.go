package verdict

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the table of known clients
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"sync"
)

// Class is what is known of a client from one request alone. It is all that is kept
// of the request: neither the address nor the agent goes any further. The numbers are
// stored, and never change.
type Class uint8

// The classes.
const (
	Unseen        Class = 0  // nothing is known of the request: a channel told of the hit
	Browser       Class = 1  // nothing speaks against a person
	PictureProxy  Class = 2  // fetches a picture when a person opens the message
	Prefetcher    Class = 3  // fetches pictures whether or not anybody opens the message
	LikelyScanner Class = 4  // a network of mail filters from which people may come too
	Scanner       Class = 5  // a mail filter
	Tool          Class = 6  // a program, or a browser without a person
	Preview       Class = 7  // makes a card of a link that somebody has pasted
	HeadOnly      Class = 8  // asked for the head and wanted no page
	Trapped       Class = 9  // followed a link that no person can see
	Nameless      Class = 10 // sent no agent, as every browser does
)

var classNames = map[string]Class{
	"browser": Browser, "picture_proxy": PictureProxy, "prefetcher": Prefetcher,
	"likely_scanner": LikelyScanner, "scanner": Scanner, "tool": Tool, "preview": Preview,
}

// Request is what a server sees of a hit.
type Request struct {
	Method string     // "GET", "HEAD"
	Agent  string     // the User-Agent header
	From   netip.Addr // the client's address, see Address; the zero Addr where it is not known
	Trap   bool       // whether the link is the one that no person can see
}

// Address reads a client's address, with or without a port. What is none is the zero
// Addr, which is in no network.
func Address(text string) netip.Addr {
	if from, err := netip.ParseAddr(text); err == nil {
		return from
	}
	from, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr()
}

// Clients is a table of known clients. It does not change after it was read.
type Clients struct {
	Date     string // on which it was last compared with its sources, 2026-11-22
	Digest   string // changes with every entry and with the rules of Judge: equal digests judge equally
	agents   []agentEntry
	networks []networkEntry
}

type agentEntry struct {
	text  string // in lower case
	whole bool   // whether the agent is the text, and does not only have it
	class Class
}

type networkEntry struct {
	prefix netip.Prefix
	class  Class
}

//go:embed clients.txt
var known string

// Known is the table that comes with the program. The file clients.txt tells its
// sources; ParseClients reads one that replaces it.
var Known = sync.OnceValue(func() *Clients {
	c, err := ParseClients(known)
	if err != nil {
		panic(fmt.Sprintf("known clients: %v", err)) // the file is part of the program, and tested
	}
	return c
})

// longest bounds what is compared of an agent.
const longest = 1024

// ParseClients reads a table of clients in the form that clients.txt describes at its
// head. An error names the line and what to write.
func ParseClients(text string) (*Clients, error) {
	digest := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", rules, text))
	c := &Clients{Digest: hex.EncodeToString(digest[:8])}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if date, ok := strings.CutPrefix(line, "# date "); ok {
			c.Date = date
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if err := c.add(line); err != nil {
			return nil, fmt.Errorf("read clients, line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read clients: %w", err)
	}
	return c, nil
}

// add reads one entry.
func (c *Clients) add(line string) error {
	words := strings.Fields(line)
	class, ok := classNames[words[len(words)-1]]
	if len(words) < 3 || !ok {
		return fmt.Errorf("%q does not end in a class; write for example %q", line, "agent has curl/ tool")
	}
	switch {
	case words[0] == "network" && len(words) == 3:
		prefix, err := netip.ParsePrefix(words[1])
		if err != nil {
			return fmt.Errorf("%q is no network; write for example %q", words[1], "network 192.0.2.0/24 scanner")
		}
		c.networks = append(c.networks, networkEntry{prefix.Masked(), class})
	case words[0] == "agent" && len(words) > 3 && (words[1] == "is" || words[1] == "has"):
		c.agents = append(c.agents, agentEntry{
			text:  strings.ToLower(strings.Join(words[2:len(words)-1], " ")),
			whole: words[1] == "is", class: class,
		})
	default:
		return fmt.Errorf("%q is no entry; write for example %q or %q", line, "agent has curl/ tool", "network 192.0.2.0/24 scanner")
	}
	return nil
}

// Class says what is known of the client that sent the request. What speaks most
// clearly against a person counts. The zero Request is Unseen.
func (c *Clients) Class(r Request) Class {
	if r.Trap {
		return Trapped
	}
	if r == (Request{}) {
		return Unseen
	}
	agent, network := c.ofAgent(r.Agent), c.ofNetwork(r.From)
	switch {
	case agent == Scanner || network == Scanner:
		return Scanner
	case agent == Tool || agent == Preview:
		return agent
	case r.Method == "HEAD":
		return HeadOnly
	case agent == Prefetcher:
		return Prefetcher
	case network != Browser:
		return network
	}
	return agent
}

func (c *Clients) ofAgent(agent string) Class {
	agent = strings.TrimSpace(agent)
	if agent == "" {
		return Nameless
	}
	lower := strings.ToLower(agent[:min(len(agent), longest)])
	for _, entry := range c.agents {
		if lower == entry.text || !entry.whole && strings.Contains(lower, entry.text) {
			return entry.class
		}
	}
	return Browser
}

func (c *Clients) ofNetwork(from netip.Addr) Class {
	from = from.Unmap()
	for _, entry := range c.networks {
		if entry.prefix.Contains(from) {
			return entry.class
		}
	}
	return Browser
}
