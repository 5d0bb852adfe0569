package main_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// dial opens a connection of one's own, below any client library.
func (s *siege) dial() net.Conn {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Hour)
	if err != nil {
		s.t.Errorf("connect: %v", err)
		return nil
	}
	return conn
}

// raw sends bytes as they are and gives the statuses of all answers; the server closed
// the connection where there is none.
func (s *siege) raw(text string) (statuses []int, answers string) {
	conn := s.dial()
	if conn == nil {
		return nil, ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Minute)) // the server waits for nobody so long
	go func() {
		_, _ = io.WriteString(conn, text)
		_ = conn.(*net.TCPConn).CloseWrite() // all is said: what there is to answer comes now
	}()
	in := bufio.NewReader(conn)
	for range 10 {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			break
		}
		b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		statuses, answers = append(statuses, resp.StatusCode), answers+string(b)
		if resp.StatusCode == http.StatusSeeOther && resp.Header.Get("Location") == "/signin" {
			statuses[len(statuses)-1] = http.StatusUnauthorized
		}
		if resp.Close {
			break
		}
	}
	return statuses, answers
}

// pathTricks asks for what is behind the doors, by names that a careless server reads
// in another way than whoever guards it.
func (s *siege) pathTricks(rng *rand.Rand) {
	guarded := []string{"/leads", "/api/v1/leads", "/api/v1/status", "/metrics", "/kpis", "/toss-ups"}
	around := []string{
		"/static/..%s", "/static/%%2e%%2e%s", "/t/c/..%s", "/v1/..%s", "/v1/%%2e%%2e%s", "/v1/batch/../..%s", "/signin/..%s", "/./%s", "/%s/", "/%s/.", "//%s",
		"%s%%00", "%s%%00.css", "%s;.css", "%s%%3f", "%s#", "%s.json", "/\\..%s", "/static/..\\..%s", "/livez%%0d%%0a%s", "%s/../../../../etc/passwd",
	}
	files := []string{
		"/static/../../../../etc/passwd", "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/%252e%252e%252fetc%252fpasswd", "/static//etc/passwd", "/static/console.css/../server.go",
		"/static/", "/static/.", "/t/c/../../etc/passwd", "/docs/../../../etc/passwd", "/.git/config", "/.env", "/tracking.key", "/data/tracking.key", "/debug/pprof/", "/debug/vars", "/actuator/env",
	}
	for range s.times(1) {
		var targets []string
		for _, g := range guarded {
			for _, a := range around {
				targets = append(targets, fmt.Sprintf(a, g))
			}
			targets = append(targets, g, strings.ToUpper(g), "http://evil.example"+g, g+"?key="+webKey, g+"?lang=../../x")
		}
		for _, target := range append(targets, files...) {
			for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE", "PROPFIND", "get"} {
				statuses, answers := s.raw(method + " " + target + " HTTP/1.1\r\nHost: news.example.com\r\nConnection: close\r\nX-Original-URL: /leads\r\nX-Rewrite-URL: /leads\r\nX-HTTP-Method-Override: GET\r\n\r\n")
				s.judgeRaw("path tricks", statuses, answers, method+" "+target, method == "OPTIONS")
			}
		}
	}
}

// judgeRaw counts an attempt by raw bytes. A redirect to where the path leads when it
// is read plainly is a refusal: what stands there asks again.
func (s *siege) judgeRaw(kind string, statuses []int, answers, what string, mayBeTaken bool) {
	status := 0
	for _, st := range statuses {
		if st >= 300 && st < 400 {
			st = http.StatusNotFound
		}
		status = max(status, st)
		if st < 300 {
			status = st
			break
		}
	}
	if strings.Contains(answers, personal) || strings.Contains(answers, "root:x:") {
		status, mayBeTaken = http.StatusOK, false
	}
	s.note(kind, status, mayBeTaken, what)
}

// headerAbuse sends heads that no client would, among them those by which one call is
// hidden inside another.
func (s *siege) headerAbuse(rng *rand.Rand) {
	inner := "GET /api/v1/leads HTTP/1.1\r\nHost: x\r\n\r\n"
	post := "POST /v1/track HTTP/1.1\r\nHost: x\r\n"
	many := strings.Repeat("X-A: b\r\n", 20_000)
	heads := []string{
		"GET /leads HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 200<<10) + "\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: x\r\n" + many + "\r\n",
		"GET /" + strings.Repeat("a", 200<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("nurture_session=a.1.b; ", 900) + "\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /leads HTTP/1.1\r\n\r\n", "GET /leads HTTP/1.1\r\nHost: a b\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost : x\r\n\r\n", "GET /leads HTTP/1.1\r\nHost: x\r\nA\x00: b\r\n\r\n", "GET /leads HTTP/1.1\r\nHost: x\r\n folded: b\r\n\r\n",
		"GET /leads HTTP/9.9\r\nHost: x\r\n\r\n", "GET /leads\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x00\x00\x00\x00\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
		"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://127.0.0.1:22/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\nX-Real-Ip: 127.0.0.1\r\n\r\n",
		"GET /leads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic Og==\r\n\r\n", "GET /leads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \r\n\r\n",
		post + "Content-Length: 5\r\nContent-Length: 60\r\n\r\n" + inner,
		post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
		post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
		post + "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + inner,
		post + "Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + inner,
		post + "Content-Length: -1\r\n\r\n" + inner, post + "Content-Length: +5\r\n\r\nhello" + inner, post + "Content-Length: 0x5\r\n\r\nhello" + inner,
		post + "Content-Length: 99999999999999999999\r\n\r\n" + inner,
		post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + inner, post + "Transfer-Encoding: chunked\r\n\r\n5;" + strings.Repeat("x", 70_000) + "\r\nhello\r\n0\r\n\r\n",
		post + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello",
	}
	for range s.times(2) {
		for _, head := range heads {
			statuses, answers := s.raw(head)
			s.judgeRaw("header abuse", statuses, answers, head[:min(len(head), 150)], false)
		}
		for range 20 {
			head := string(damage(rng, "GET /leads HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: nurture_session=a.1.b\r\nAuthorization: Bearer x\r\nX-Forwarded-For: ::1\r\n\r\n"))
			statuses, answers := s.raw(head)
			s.judgeRaw("header abuse", statuses, answers, head, strings.HasPrefix(head, "GET / ") || !strings.Contains(head, "/leads"))
		}
	}
}

// hold opens many connections at one time, says something on each until the server
// has had enough, and counts those that it let go on for ever.
func (s *siege) hold(kind string, n int, begin, drop string, every time.Duration) {
	const patience = 15 * time.Minute // of which the server has much less
	var open sync.WaitGroup
	for range n {
		open.Go(func() {
			conn := s.dial()
			if conn == nil {
				return
			}
			defer conn.Close()
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				_, _ = io.Copy(io.Discard, conn)
			}()
			_, err := io.WriteString(conn, begin)
			tick := time.NewTicker(every)
			defer tick.Stop()
			until := time.NewTimer(patience)
			defer until.Stop()
			for err == nil {
				select {
				case <-closed:
					s.note(kind, 0, false, kind)
					return
				case <-until.C:
					s.note(kind, http.StatusOK, false, kind+" is still there after "+patience.String())
					return
				case <-tick.C:
					_, err = io.WriteString(conn, drop)
				}
			}
			s.note(kind, 0, false, kind)
		})
	}
	open.Wait()
}

// slowHeaders never comes to the end of a head.
func (s *siege) slowHeaders(*rand.Rand) {
	s.hold("slow heads", min(s.times(100), 1000), "POST /v1/track HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n", 300*time.Millisecond)
}

// slowBodies promises large bodies and sends a byte now and then.
func (s *siege) slowBodies(*rand.Rand) {
	var kinds sync.WaitGroup
	for _, path := range []string{"/v1/batch", "/v1/source/shop", "/v1/in/mail", "/signin", "/api/v1/leads/find"} {
		key := "Authorization: " + basic(webKey)
		if strings.HasPrefix(path, "/api") {
			key = "Authorization: Bearer " + hostileAPIKey
		}
		kinds.Go(func() {
			s.hold("slow bodies", min(s.times(40), 400), "POST "+path+" HTTP/1.1\r\nHost: x\r\n"+key+"\r\nContent-Type: application/json\r\nContent-Length: 400000\r\n\r\n{", " ", 300*time.Millisecond)
		})
	}
	kinds.Wait()
}

// slowReaders ask for a great deal and read none of it.
func (s *siege) slowReaders(*rand.Rand) {
	ask := strings.Repeat("GET /static/htmx.min.js HTTP/1.1\r\nHost: x\r\n\r\n", 500)
	var conns []net.Conn
	for range min(s.times(20), 200) {
		conn := s.dial()
		if conn == nil {
			return
		}
		conns = append(conns, conn)
		go func() { _, _ = io.WriteString(conn, ask) }()
	}
	s.pause(4 * time.Second)
	for _, conn := range conns {
		conn.Close()
		s.note("slow readers", 0, false, "")
	}
}
