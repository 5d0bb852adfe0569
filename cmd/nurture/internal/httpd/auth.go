package httpd

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Key lets somebody in. Name says who, in metrics and as the source of events;
// it is not secret. Secret is what the client shows.
type Key struct {
	Name   string
	Secret string
}

// keyring answers whose secret this is. It keeps hashes only, and looks at every
// one of them each time, so that the time it takes tells nothing.
type keyring struct {
	names  []string
	hashes [][sha256.Size]byte
}

func newKeyring(keys []Key) keyring {
	var k keyring
	for _, key := range keys {
		k.names = append(k.names, key.Name)
		k.hashes = append(k.hashes, sha256.Sum256([]byte(key.Secret)))
	}
	return k
}

func (k *keyring) name(secret string) (name string, ok bool) {
	if i := k.place(secret); i >= 0 {
		return k.names[i], true
	}
	return "", false
}

// place is which key has this secret, -1 for none.
func (k *keyring) place(secret string) (place int) {
	place = -1
	if secret == "" {
		return place
	}
	hash := sha256.Sum256([]byte(secret))
	for i := range k.hashes {
		if subtle.ConstantTimeCompare(hash[:], k.hashes[i][:]) == 1 {
			place = i
		}
	}
	return place
}

// headerSecret is the key that a request shows in its Authorization header:
// Basic with the key as user name and no password, or Bearer. given is false
// where there is none, so that another place may be asked.
func headerSecret(r *http.Request) (secret string, given bool) {
	if user, password, ok := r.BasicAuth(); ok && user != "" {
		if password != "" {
			return "", true
		}
		return user, true
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") && token != "" {
		return strings.TrimSpace(token), true
	}
	return "", false
}

// fromThisMachine reports a request that was made on this machine and for this
// machine: the peer is a loopback address and so is the host it asked for. The
// second condition keeps out web pages that point a name of their own at
// 127.0.0.1. What a proxy on this machine passes on was made elsewhere.
func fromThisMachine(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || isForwarded(r) {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.Unmap().IsLoopback()
}

// isForwarded reports a request that says that a proxy passed it on.
func isForwarded(r *http.Request) bool {
	for _, name := range [...]string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}
