package main_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine/tracking"
)

// wrongKeys shows every kind of key that is not the right one.
func (s *siege) wrongKeys(rng *rand.Rand) {
	bad := []string{
		"", " ", "null", "undefined", "admin", hostileAPIKey[:len(hostileAPIKey)-1], hostileAPIKey + "x", strings.ToUpper(hostileAPIKey), "ops", "web", "ops=" + hostileAPIKey,
		"given-000000000000", strings.Repeat("k", 10_000), "nk_", "nk_write_", hostileTracking, hostileShop, "$2a$10$", "*", "%", "' or 1=1 --",
	}
	headers := func(key string) [][]string {
		return [][]string{
			{"Authorization", "Bearer " + key},
			{"Authorization", basic(key)},
			{"Authorization", "bearer\t" + key},
			{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("ops:"+key))},
			{"X-Api-Key", hostileAPIKey},
			{"Cookie", "nurture_session=" + key},
			{"Cookie", "nurture_session=given-000000000000.4102444800." + strings.Repeat("0", 64)},
			{"Authorization", "Bearer " + key + "," + hostileAPIKey},
		}
	}
	for range s.times(1) {
		bad = append(bad, fmt.Sprint("random-", rng.Uint64()))
		for _, key := range append(slices.Clone(bad), webKey) {
			for _, h := range headers(key) {
				for _, path := range []string{"/api/v1/leads", "/api/v1/status", "/api/v1/keys", "/leads", "/", "/live"} {
					s.try("wrong API keys", false, http.MethodGet, path, nil, h...)
				}
				s.try("wrong API keys", false, http.MethodPost, "/api/v1/leads/find", []byte(`{"id":"`+personal+`@example.jp"}`), append(h, "Content-Type", "application/json")...)
			}
			s.try("wrong API keys", false, http.MethodPost, "/signin", []byte("key="+strings.ReplaceAll(key, "%", "%25")), "Content-Type", "application/x-www-form-urlencoded")
		}
		for _, key := range append(slices.Clone(bad), hostileAPIKey) {
			for _, h := range headers(key) {
				s.try("wrong write keys", false, http.MethodPost, "/v1/track", []byte(`{"event":"inquired","messageId":"w","userId":"evil-w"}`), h...)
			}
			quoted, _ := json.Marshal(key)
			s.try("wrong write keys", false, http.MethodPost, "/v1/track", []byte(`{"event":"inquired","messageId":"w","userId":"evil-w","writeKey":`+string(quoted)+`}`))
		}
	}
}

// sealed is an address of the kind about the good lead.
func (s *siege) sealed(keys *tracking.Keys, kind tracking.Kind, url string) string {
	token := tracking.Token{Kind: kind, Lead: s.lead(), Channel: "mail", Topic: "news", URL: url}
	text, err := keys.Seal(token)
	if err != nil {
		s.t.Error(err)
	}
	return text
}

// lead is the good lead's internal id.
func (s *siege) lead() (id [16]byte) {
	var doc struct{ ID string }
	answer := s.ask(http.MethodPost, "/api/v1/leads/find", `{"id":"`+personal+`@example.jp"}`)
	if err := json.Unmarshal([]byte(answer), &doc); err != nil || len(doc.ID) != 32 {
		s.t.Errorf("the good lead cannot be found: %.200s", answer)
		return id
	}
	if _, err := hex.Decode(id[:], []byte(doc.ID)); err != nil {
		s.t.Error(err)
	}
	return id
}

// forgedTokens changes addresses of ours bit by bit, and makes some with other keys.
func (s *siege) forgedTokens(rng *rand.Rand) {
	others, err := tracking.NewKeys("another-secret-than-that-of-the-server")
	if err != nil {
		s.t.Error(err)
		return
	}
	click := s.sealed(s.keys, tracking.Click, "https://example.com/ours")
	wayOut := s.sealed(s.keys, tracking.Unsubscribe, "")
	open := s.sealed(s.keys, tracking.Open, "")
	forge := func(kind byte, token string) {
		s.try("forged links", false, http.MethodGet, "/t/"+string(kind)+"/"+token, nil)
		if kind != 'c' {
			s.try("forged links", false, http.MethodPost, "/t/"+string(kind)+"/"+token, []byte("choice=all&List-Unsubscribe=One-Click&answer=accepted"), "Content-Type", "application/x-www-form-urlencoded")
		}
	}
	for _, own := range []struct {
		kind  byte
		token string
	}{{'c', click}, {'u', wayOut}, {'a', wayOut}, {'a', click}, {'c', wayOut}, {'u', click}, {'c', open}, {'u', open}} {
		raw, err := base64.RawURLEncoding.DecodeString(own.token)
		if err != nil {
			s.t.Error(err)
			return
		}
		for i := range raw {
			for range s.times(1) {
				forged := slices.Clone(raw)
				forged[i] ^= 1 << rng.IntN(8)
				forge(own.kind, base64.RawURLEncoding.EncodeToString(forged))
			}
		}
		for _, token := range []string{own.token[:len(own.token)-4], own.token + "AAAA", strings.ToLower(own.token), "", ".", "..%2f", strings.Repeat("A", 5000), own.token + own.token} {
			forge(own.kind, token)
		}
	}
	for _, wrong := range []struct {
		kind  byte
		token string
	}{{'a', wayOut}, {'a', click}, {'c', wayOut}, {'u', click}, {'c', open}, {'u', open}, {'a', open}} {
		forge(wrong.kind, wrong.token) // ours, for something else
	}
	for _, url := range []string{"https://evil.example/", "javascript:alert(1)", "//evil.example", "data:text/html,x", "https://example.com\r\nSet-Cookie: a=b"} {
		if token, err := others.Seal(tracking.Token{Kind: tracking.Click, Lead: s.lead(), Channel: "mail", URL: url}); err == nil {
			forge('c', token)
		}
		s.try("forged links", false, http.MethodGet, "/t/c/"+click[:8]+"?url="+url, nil)
	}
}

// replayedTokens follows one address again and again: everybody gets where it leads,
// and the lead's journal is not filled.
func (s *siege) replayedTokens(*rand.Rand) {
	click := s.sealed(s.keys, tracking.Click, "https://example.com/ours")
	n, begun := s.times(300), time.Now()
	for range n {
		s.try("replayed links", true, http.MethodGet, "/t/c/"+click, nil)
	}
	minutes := int(time.Since(begun)/time.Minute) + 2 // that were met, in part at least
	answer := s.ask(http.MethodPost, "/api/v1/leads/find", `{"id":"`+personal+`@example.jp","facts":1000}`)
	// Each is named twice at most, and a minute holds a hundred.
	if kept := strings.Count(answer, `"email_clicked"`); kept == 0 || kept > 2*100*minutes {
		s.t.Errorf("%d replays of a link in %d minutes are named %d times in the journal", n, minutes, kept)
	}
}

// changing finds everything that changes something: the routes as they stand in the
// files of the server, so that a new one is attacked as well.
func (s *siege) changing() [][2]string {
	pattern := regexp.MustCompile(`"(POST|PUT|PATCH|DELETE) (/[^"\s]*)"`)
	files, err := filepath.Glob(filepath.Join("internal", "httpd", "*.go"))
	if err != nil || len(files) == 0 {
		s.t.Error("the server's files are not there", err)
	}
	var routes [][2]string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range pattern.FindAllStringSubmatch(string(b), -1) {
			if !strings.HasPrefix(m[2], "/v1/") && !strings.HasPrefix(m[2], "/t/") {
				routes = append(routes, [2]string{m[1], m[2]})
			}
		}
	}
	var api struct {
		Paths map[string]map[string]json.RawMessage
	}
	for _, path := range []string{"/api/v1/openapi.json", "/api/openapi.json"} {
		if json.Unmarshal([]byte(s.ask(http.MethodGet, path, "")), &api) == nil && len(api.Paths) > 0 {
			break
		}
	}
	found := len(routes)
	for path, methods := range api.Paths {
		for method := range methods {
			if method = strings.ToUpper(method); slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, method) {
				routes = append(routes, [2]string{method, path})
			}
		}
	}
	if found == 0 || len(routes) == found {
		s.t.Errorf("%d pages and %d operations that change something were found; there must be some of both", found, len(routes)-found)
	}
	return routes
}

// crossSite lets pages elsewhere use an operator's browser, which is signed in.
func (s *siege) crossSite(*rand.Rand) {
	session := s.signIn()
	if session == "" {
		s.t.Error("signing in gives no session, so that nothing can be misused")
		return
	}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for _, route := range s.changing() {
		path := parameter.ReplaceAllString(route[1], "0123456789abcdef0123456789abcdef")
		for _, from := range [][]string{
			{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
			{"Origin", "https://news.example.com.evil.example", "Sec-Fetch-Site", "same-site"},
			{"Origin", "null", "Sec-Fetch-Site", "cross-site"},
			{"Origin", "https://evil.example"},
			{"Origin", "http://127.0.0.1:1"},
		} {
			for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "application/json"} {
				headers := append([]string{"Cookie", session, "Content-Type", kind}, from...)
				s.try("cross-site requests", false, route[0], path, []byte(`{"key":"`+hostileAPIKey+`"}`), headers...)
			}
		}
	}
}

// signIn gives the cookie of an operator's session.
func (s *siege) signIn() string {
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/signin", strings.NewReader("key="+hostileAPIKey))
	if err != nil {
		s.t.Error(err)
		return ""
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := attacker.Do(req)
	if err != nil {
		s.t.Error(err)
		return ""
	}
	defer resp.Body.Close()
	if passes(resp.StatusCode) && s.patience.Err() == nil {
		s.pause(100 * time.Millisecond)
		return s.signIn()
	}
	for _, c := range resp.Cookies() {
		if strings.Contains(c.Name, "session") {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
				s.t.Errorf("the session's cookie is %s", c)
			}
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// serverSide tries to make the server ask addresses that only it can reach.
func (s *siege) serverSide(*rand.Rand) {
	inside := []string{
		s.url + "/", "http://127.0.0.1/x.pem", "https://127.0.0.1/x.pem", "https://[::1]/x.pem", "https://localhost/x.pem", "http://169.254.169.254/latest/meta-data/x.pem",
		"https://sns.127.0.0.1.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com@127.0.0.1/x.pem", "https://sns.us-east-1.amazonaws.com:8443/x.pem",
		"https://sns.us-east-1.amazonaws.com.evil.example/x.pem", "https://sns.s3.amazonaws.com/x.pem", "file:///etc/passwd.pem", "gopher://127.0.0.1/x.pem", "//127.0.0.1/x.pem", "https://0x7f000001/x.pem",
		"https://sns.us-east-1.amazonaws.com\\@127.0.0.1/x.pem", "https://sns.us-east-1.amazonaws.com#@127.0.0.1/x.pem", "https://sns.us-east-1.amazonaws.com%2f@127.0.0.1/x.pem",
	}
	for range s.times(1) {
		for _, address := range inside {
			for _, topic := range []string{"arn:aws:sns:ap-northeast-1:123456789012:mail", "arn:aws:sns:us-east-1:666666666666:evil"} {
				for _, kind := range []string{"SubscriptionConfirmation", "Notification", "UnsubscribeConfirmation"} {
					notice, _ := json.Marshal(map[string]string{
						"Type": kind, "MessageId": "evil", "TopicArn": topic, "SubscribeURL": address, "SigningCertURL": address, "UnsubscribeURL": address,
						"Signature": "AAAA", "SignatureVersion": "1", "Timestamp": "2026-10-05T09:00:00.000Z", "Message": `{"notificationType":"Bounce"}`, "Token": "t",
					})
					s.try("server-side requests", false, http.MethodPost, "/v1/source/bounces", notice, "Content-Type", "text/plain", "X-Amz-Sns-Message-Type", kind)
				}
			}
		}
	}
}
