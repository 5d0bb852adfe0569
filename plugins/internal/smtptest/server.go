// Package smtptest is a real SMTP server for tests: it listens on loopback,
// keeps what it accepted, and misbehaves on demand.
package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say how the server behaves. The zero Options accept everything on an
// open line.
type Options struct {
	// TLS secures the line: "starttls", "tls", or "" for none.
	TLS string
	// User and Password are wanted where User is set.
	User, Password string
	// Mail, Rcpt and Data judge the commands; n counts the command's calls from 1.
	// An *smtp.SMTPError is the answer, ErrHangUp closes the connection instead.
	Mail func(n int, from string) error
	Rcpt func(n int, to string) error
	Data func(n int, mail Mail) error
}

// ErrHangUp makes the server close the connection without an answer.
var ErrHangUp = errors.New("hang up")

// Answer is an SMTP answer.
func Answer(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

// Mail is one mail as it came.
type Mail struct {
	From, To string
	Raw      []byte
	User     string // who had signed in
	Secured  bool
}

// Server is a running server.
type Server struct {
	Addr string // host and port
	CA   string // its certificate, PEM, where the line is secured
	Came chan Mail
	Left chan struct{} // something for each conversation that ended

	options Options
	mu      sync.Mutex
	conns   []net.Conn
	counts  map[string]int
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{options: o, counts: map[string]int{}, Came: make(chan Mail, 10_000), Left: make(chan struct{}, 10_000)}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = lis.Addr().String()
	srv := smtp.NewServer(smtp.BackendFunc(s.session))
	srv.Domain = "mx.test"
	srv.AllowInsecureAuth = true
	srv.ErrorLog = log.New(io.Discard, "", 0)
	wrapped := net.Listener(&counting{Listener: lis, s: s})
	if o.TLS != "" {
		config, ca := certificate(t)
		s.CA = ca
		if o.TLS == "tls" {
			wrapped = tls.NewListener(wrapped, config)
		} else {
			srv.TLSConfig = config
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(wrapped)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		_ = lis.Close() // Close knows only the listeners that Serve has seen
		s.HangUp()
		<-done
	})
	return s
}

// Count is how often something happened: "conn", "mail", "rcpt", "data".
func (s *Server) Count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[what]
}

func (s *Server) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
	return s.counts[what]
}

// HangUp closes all connections, as a server does with idle ones.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.conns = nil
}

// counting counts and keeps the connections.
type counting struct {
	net.Listener
	s *Server
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.s.count("conn")
	l.s.mu.Lock()
	l.s.conns = append(l.s.conns, c)
	l.s.mu.Unlock()
	return c, nil
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	_, secured := c.TLSConnectionState()
	return &session{s: s, c: c, secured: secured}, nil
}

// session is one connection's conversation.
type session struct {
	s       *Server
	c       *smtp.Conn
	secured bool
	user    string
	mail    Mail
}

func (x *session) Reset() { x.mail = Mail{} }

func (x *session) Logout() error {
	x.s.Left <- struct{}{}
	return nil
}

func (x *session) AuthMechanisms() []string {
	if x.s.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != x.s.options.User || password != x.s.options.Password {
			return smtp.ErrAuthFailed
		}
		x.user = user
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	n := x.s.count("mail")
	if x.s.options.User != "" && x.user == "" {
		return smtp.ErrAuthRequired
	}
	x.mail.From = from
	if x.s.options.Mail == nil {
		return nil
	}
	return x.judged(x.s.options.Mail(n, from))
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	n := x.s.count("rcpt")
	x.mail.To = to
	if x.s.options.Rcpt == nil {
		return nil
	}
	return x.judged(x.s.options.Rcpt(n, to))
}

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n := x.s.count("data")
	x.mail.Raw, x.mail.User, x.mail.Secured = raw, x.user, x.secured
	if x.s.options.Data != nil {
		if err := x.judged(x.s.options.Data(n, x.mail)); err != nil {
			return err
		}
	}
	x.s.Came <- x.mail
	return nil
}

func (x *session) judged(err error) error {
	if errors.Is(err, ErrHangUp) {
		_ = x.c.Conn().Close()
	}
	return err
}

// certificate makes a certificate for loopback that signs itself.
func certificate(t testing.TB) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, string(ca)
}
