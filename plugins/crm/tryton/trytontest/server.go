// Package trytontest starts a real Tryton server with the module of sales
// opportunities, on a database of its own, for tests.
package trytontest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// What a test signs in with.
const (
	Database = "acme"
	User     = "admin"
	Password = "tryton-of-a-test"
	// Employee is the name of the one employee of the company.
	Employee = "tokyo-inside-sales"
)

// Server is a running Tryton.
type Server struct {
	URL     string
	company int
	auth    string
}

// Start makes a database with a company and an employee, and serves it until the
// test ends. To make the tables of all modules takes Tryton 20 seconds and more; a
// database with nothing else in it is kept in the user's cache for the next time.
func Start(t testing.TB) *Server {
	t.Helper()
	programs := enginetest.TrytonServer(t)
	dir := t.TempDir()
	address, socket := listen(t)
	conf, file := filepath.Join(dir, "tryton.conf"), filepath.Join(dir, Database+".sqlite")
	write(t, conf, fmt.Appendf(nil, "[web]\nlisten = %s\n[database]\nuri = sqlite://\npath = %s\n", address, dir))
	write(t, filepath.Join(dir, "password"), []byte(Password))
	kept := keptDatabase(t, programs.Version)
	if tables, err := os.ReadFile(kept); err == nil {
		write(t, file, tables)
	} else {
		write(t, file, nil)
		run(t, dir, programs.Admin, "-c", conf, "-d", Database, "--all", "--email", "admin@example.com")
		run(t, dir, programs.Admin, "-c", conf, "-d", Database, "-u", "sale_opportunity", "--activate-dependencies")
		keep(t, file, kept)
	}
	ended := serve(t, socket, programs.Server, "-c", conf, "-d", Database)
	s := &Server{URL: "http://" + address}
	s.signIn(t, ended)
	s.found(t)
	return s
}

// listen gives an address and the socket that listens there. It is handed to Tryton
// as it is: an address that Tryton binds by itself, seconds later, may be somebody
// else's by then.
func listen(t testing.TB) (address string, socket *os.File) {
	t.Helper()
	lis, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	if socket, err = lis.File(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return lis.Addr().String(), socket
}

// keptDatabase is where the database of a version is kept.
func keptDatabase(t testing.TB, version string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "nurture-tests")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(version + Password))
	return filepath.Join(dir, fmt.Sprintf("tryton-%x.sqlite", sum[:8]))
}

// keep copies the database at once or not at all.
func keep(t testing.TB, from, to string) {
	t.Helper()
	tables, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	half, err := os.CreateTemp(filepath.Dir(to), "half-*")
	if err != nil {
		t.Fatal(err)
	}
	_, err = half.Write(tables)
	if err := errors.Join(err, half.Close(), os.Rename(half.Name(), to)); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "TRYTONPASSFILE="+filepath.Join(dir, "password"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// serve runs the server on a socket that listens, and tells when it has ended.
func serve(t testing.TB, socket *os.File, program string, args ...string) (ended <-chan struct{}) {
	t.Helper()
	cmd := exec.Command(program, args...)
	// Tryton serves by Werkzeug, which takes the socket of the process that started it
	// where these say so: it is how its reloader hands it on. The first extra file is 3.
	cmd.Env = append(os.Environ(), "WERKZEUG_RUN_MAIN=true", "WERKZEUG_SERVER_FD=3")
	cmd.ExtraFiles = []*os.File{socket}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = socket.Close() // Tryton's alone: who calls after its end is refused
	end := make(chan struct{})
	go func() {
		defer close(end)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-end
		if t.Failed() {
			text := said.Bytes()
			t.Logf("Tryton said:\n%s", text[max(0, len(text)-4000):])
		}
	})
	return end
}

// signIn asks until the server answers. It is waited for as long as the tests may
// take: how long Tryton reads its modules is the machine's affair.
func (s *Server) signIn(t testing.TB, ended <-chan struct{}) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var granted []any
		err := s.ask(&granted, "common.db.login", User, map[string]any{"password": Password}, "en")
		if err == nil {
			token := fmt.Sprintf("%s:%v:%v", User, granted[0], granted[1])
			s.auth = "Session " + base64.StdEncoding.EncodeToString([]byte(token))
			return
		}
		select {
		case <-tick.C:
		case <-ended:
			t.Fatalf("Tryton ended before it answered: %v", err)
		}
	}
}

// found makes the company.
func (s *Server) found(t testing.TB) {
	t.Helper()
	one := func(model string, values map[string]any) int {
		var ids []int
		s.Call(t, &ids, "model."+model+".create", []any{values})
		return ids[0]
	}
	currency := one("currency.currency", map[string]any{
		"name": "Yen", "symbol": "¥", "code": "JPY", "digits": 0,
		"rounding": map[string]any{"__class__": "Decimal", "decimal": "1"},
	})
	s.company = one("company.company", map[string]any{"party": one("party.party", map[string]any{"name": "Acme"}), "currency": currency})
	one("company.employee", map[string]any{"party": one("party.party", map[string]any{"name": Employee}), "company": s.company})
	s.Call(t, nil, "model.res.user.write", []int{1}, map[string]any{"companies": []any{[]any{"add", []int{s.company}}}, "company": s.company})
}

// Opportunity is an opportunity as it stands in Tryton.
type Opportunity struct {
	ID          int
	Reference   string
	Description string
	Comment     string
	State       string
	Party       int
	Employee    *int
	Sales       []int
}

// Opportunities are all that there are, the first made first.
func (s *Server) Opportunities(t testing.TB) []Opportunity {
	t.Helper()
	var list []Opportunity
	s.Call(t, &list, "model.sale.opportunity.search_read", []any{}, 0, nil, []any{[]any{"id", "ASC"}},
		[]string{"reference", "description", "comment", "state", "party", "employee", "sales"})
	return list
}

// context is what a call says of the caller.
func (s *Server) context() map[string]any {
	in := map[string]any{}
	if s.company != 0 {
		in["company"] = s.company
	}
	return in
}

// Win does what a salesperson does with a lead up to the confirmed order.
func (s *Server) Win(t testing.TB, id int) {
	t.Helper()
	s.Call(t, nil, "model.sale.opportunity.opportunity", []int{id})
	s.Call(t, nil, "model.sale.opportunity.convert", []int{id})
	for _, o := range s.Opportunities(t) {
		if o.ID != id {
			continue
		}
		var address []int
		s.Call(t, &address, "model.party.address.create", []any{map[string]any{"party": o.Party, "city": "Tokyo"}})
		s.Call(t, nil, "model.sale.sale.write", o.Sales, map[string]any{"invoice_address": address[0], "shipment_address": address[0]})
		s.Call(t, nil, "model.sale.sale.quote", o.Sales)
		s.Call(t, nil, "model.sale.sale.confirm", o.Sales)
	}
}

// Lose gives an opportunity up, with a reason.
func (s *Server) Lose(t testing.TB, id int, reason string) {
	t.Helper()
	s.Call(t, nil, "model.sale.opportunity.write", []int{id}, map[string]any{"lost_reason": reason})
	s.Call(t, nil, "model.sale.opportunity.lost", []int{id})
}

// Call calls a method as the administrator and reads its result into out, which
// may be nil.
func (s *Server) Call(t testing.TB, out any, method string, params ...any) {
	t.Helper()
	err := s.ask(out, method, append(params, s.context())...)
	passing := func() bool {
		switch {
		case err == nil:
			return false
		case strings.Contains(err.Error(), "database is locked"):
			return true // Tryton has rolled back
		}
		// search_read searches and then reads. A record that somebody deletes in between
		// is one that may not be read, by the rule about companies; asked again it is not
		// found.
		return strings.HasSuffix(method, ".search_read") && strings.Contains(err.Error(), "not allowed to read records")
	}
	for again := 0; again < 1000 && passing(); again++ {
		err = s.ask(out, method, append(params, s.context())...)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) ask(out any, method string, params ...any) error {
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, s.URL+"/"+Database+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if s.auth != "" {
		req.Header.Set("Authorization", s.auth)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Result json.RawMessage
		Error  json.RawMessage
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(text, &answer) != nil || answer.Error != nil {
		return fmt.Errorf("%s: %d %s", method, resp.StatusCode, text[:min(len(text), 500)])
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, out)
}
