package main_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// forgedLine is what a client tries to write into the log.
const forgedLine = "evil line"

// callPaths are the collector's.
var callPaths = []string{"batch", "track", "identify", "page", "screen", "group", "alias", "b", "t", "i", "p", "s", "g", "a"}

// samples are good bodies, to be damaged.
var samples = []string{
	`{"batch":[{"type":"track","event":"inquired","messageId":"f%d","userId":"evil-%d","timestamp":"2026-10-05T09:00:00.000Z","properties":{"note":"x","amount":1e3,"list":[1,{"a":null}],"deep":{"a":{"b":{"c":true}}}}}],"sentAt":"2026-10-05T09:00:00Z","writeKey":"k"}`,
	`{"type":"identify","messageId":"f%d","anonymousId":"evil-%d","traits":{"email":"evil@example.com","name":"é","address":{"city":"東京"}},"context":{"ip":"1.2.3.4"}}`,
	`{"specversion":"1.0","id":"f%d","source":"/evil/%d","type":"com.example.inquired","datacontenttype":"application/json","time":"2026-10-05T09:00:00Z","data":{"mail":"evil@example.com","note":"n"}}`,
	`{"id":"f%d","who":{"mail":"evil%d@example.com","company":"c"},"items":[{"text":"t"}]}`,
	`[{"email":"evil@example.com","event":"bounce","sg_event_id":"f%d","timestamp":%d}]`,
	`from=evil&items[0].text=%d&who.mail=%d`,
}

// pieces are put into bodies.
var pieces = []string{
	"\x00", "\xff\xfe", "\xed\xa0\x80", `\ud800`, `\u0000`, "\u202e", "\ufeff", "1e999999", "-0", "99999999999999999999999999", `"__proto__":{"x":1},`,
	`{`, `[`, `]`, `}`, `"`, `\`, `,,`, `null`, `true`, "\n", "\r\n", `{"$ref":"#"}`, `<!ENTITY x SYSTEM "file:///etc/passwd">`, "%s%n", "${jndi:ldap://127.0.0.1/x}",
	"{{ secret }}", "'; DROP TABLE leads; --", "../../../etc/passwd", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-13-45T99:99:99Z",
}

// damage changes a text in a few places.
func damage(rng *rand.Rand, text string) []byte {
	b := []byte(text)
	for range 1 + rng.IntN(4) {
		at := rng.IntN(len(b) + 1)
		switch rng.IntN(6) {
		case 0:
			b = b[:at]
		case 1:
			b = append(b[:at:at], append([]byte(pieces[rng.IntN(len(pieces))]), b[at:]...)...)
		case 2:
			if at < len(b) {
				b[at] ^= 1 << rng.IntN(8)
			}
		case 3:
			end := min(len(b), at+rng.IntN(20))
			b = append(b[:at:at], b[end:]...)
		case 4:
			end := min(len(b), at+rng.IntN(60))
			b = append(b[:end:end], append(bytes.Clone(b[at:end]), b[end:]...)...)
		default:
			if at < len(b) {
				b[at] = byte(rng.IntN(256))
			}
		}
		if len(b) == 0 {
			b = []byte("{")
		}
	}
	return b
}

func sample(rng *rand.Rand) string {
	return strings.ReplaceAll(samples[rng.IntN(len(samples))], "%d", strconv.Itoa(rng.IntN(1_000_000)))
}

// fuzzCalls sends damaged calls, with the right key and all kinds of labels.
func (s *siege) fuzzCalls(rng *rand.Rand) {
	types := []string{"application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/json; charset=utf-16"}
	for range s.times(300) {
		body := damage(rng, sample(rng))
		headers := []string{"Authorization", basic(webKey), "Content-Type", types[rng.IntN(len(types))]}
		if rng.IntN(4) == 0 {
			headers = append(headers, "X-Strict-Mode", "1")
		}
		if rng.IntN(4) == 0 {
			body = squeeze(body)
			if rng.IntN(2) == 0 {
				body = damage(rng, string(body))
			}
			headers = append(headers, "Content-Encoding", "gzip")
		}
		s.try("fuzz of calls", true, http.MethodPost, "/v1/"+callPaths[rng.IntN(len(callPaths))], body, headers...)
	}
}

func squeeze(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// proofs are the headers by which a message to a source proves who sends it.
func (s *siege) proof(source string, body []byte) []string {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	switch source {
	case "shop":
		return []string{"X-Timestamp", now, "X-Signature", hex.EncodeToString(sum([]byte(hostileShop), now+"."+string(body)))}
	case "clouds":
		return []string{"Authorization", "Bearer " + hostileCloud}
	case "hooks":
		return hook("f"+now, now, body)
	}
	return nil
}

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// hook signs as Standard Webhooks do.
func hook(id, stamp string, body []byte) []string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hostileHook, "whsec_"))
	if err != nil {
		panic(err)
	}
	sign := "v1," + base64.StdEncoding.EncodeToString(sum(key, id+"."+stamp+"."+string(body)))
	return []string{"Webhook-Id", id, "Webhook-Timestamp", stamp, "Webhook-Signature", sign}
}

// fuzzSources sends damaged messages to the sources: with the right proof, with a
// damaged one, with another's, and with none.
func (s *siege) fuzzSources(rng *rand.Rand) {
	sources := []string{"shop", "clouds", "hooks", "bounces"}
	types := []string{"application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "application/x-www-form-urlencoded", "text/plain"}
	for range s.times(200) {
		source := sources[rng.IntN(len(sources))]
		body := damage(rng, sample(rng))
		label := []string{
			"Content-Type", types[rng.IntN(len(types))], "Ce-Id", string(damage(rng, "id")), "Ce-Specversion", "1.0", "Ce-Type", "t",
			"Ce-Source", "/evil", "Ce-Time", string(damage(rng, "2026-10-05T09:00:00Z")),
		}
		proof := s.proof(source, body)
		s.try("fuzz of sources", true, http.MethodPost, "/v1/source/"+source, body, append(label, proof...)...)
		if len(proof) == 0 {
			continue
		}
		s.try("unproved messages", false, http.MethodPost, "/v1/source/"+source, body, label...)
		other := sources[(rng.IntN(2)+1+strings.Index("shop clouds hooks", source)/6)%3]
		if other != source {
			s.try("unproved messages", false, http.MethodPost, "/v1/source/"+source, body, append(label, s.proof(other, body)...)...)
		}
		proof[1] = proof[1][:len(proof[1])-1] + "_"
		s.try("unproved messages", false, http.MethodPost, "/v1/source/"+source, body, append(label, proof...)...)
	}
}

// replayedHooks takes a message that was signed well and sends it again: as it is, it
// counts once; later, or under another name, it is refused.
func (s *siege) replayedHooks(*rand.Rand) {
	body := []byte(`{"data":{"mail":"replay@example.com","note":"n"}}`)
	now := time.Now()
	stamp := strconv.FormatInt(now.Unix(), 10)
	good := hook("replayed", stamp, body)
	for passes(s.replayHook(body, good)) && s.patience.Err() == nil {
		s.pause(100 * time.Millisecond) // it has to be taken once
	}
	for range s.times(10) {
		s.replayHook(body, good)
	}
	for i := range s.times(5) {
		other := append([]string(nil), good...)
		other[1] = "other-" + strconv.Itoa(i)
		s.try("stale or renamed webhooks", false, http.MethodPost, "/v1/source/hooks", body, other...)
		for _, off := range []time.Duration{-time.Hour, time.Hour} {
			s.try("stale or renamed webhooks", false, http.MethodPost, "/v1/source/hooks", body,
				hook("stale", strconv.FormatInt(now.Add(off).Unix(), 10), body)...)
		}
	}
	answer := s.ask("POST", "/api/v1/leads/find", `{"id":"replay@example.com"}`)
	if !strings.Contains(answer, `"value":30`) {
		s.t.Errorf("a webhook that was replayed must count once: %.300s", answer)
	}
}

// replayHook sends a webhook that may be taken, and counts what became of it.
func (s *siege) replayHook(body []byte, headers []string) (status int) {
	status, _ = s.send(http.MethodPost, "/v1/source/hooks", body, headers...)
	s.note("replayed webhooks", status, true, "replayed webhook")
	return status
}

// ask asks the API as an operator, who asks again while the server has no time.
func (s *siege) ask(method, path, body string) string {
	for {
		status, answer := s.send(method, path, []byte(body), "Authorization", "Bearer "+hostileAPIKey, "Content-Type", "application/json")
		if !passes(status) || s.patience.Err() != nil {
			return answer
		}
		s.pause(100 * time.Millisecond)
	}
}

// passes reports an answer after which a client comes again.
func passes(status int) bool {
	return status == 0 || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// bombs are bodies that are larger than they look, or than anybody may send.
func (s *siege) bombs(*rand.Rand) {
	zeros := bytes.Repeat([]byte{'0'}, 50<<20)
	bomb := squeeze(zeros)
	text := squeeze([]byte(`{"batch":[` + strings.Repeat(`{"type":"track","event":"inquired","userId":"evil"},`, 100_000) + `{}]}`))
	nested := squeeze(squeeze(bomb))
	huge := zeros[:11<<20]
	for range s.times(2) {
		for _, path := range []string{"/v1/batch", "/v1/track", "/v1/source/clouds", "/v1/in/mail", "/api/v1/leads/find"} {
			key := basic(webKey)
			switch path {
			case "/v1/source/clouds":
				key = "Bearer " + hostileCloud
			case "/api/v1/leads/find":
				key = "Bearer " + hostileAPIKey
			}
			for _, body := range [][]byte{bomb, text, nested, huge} {
				s.try("bombs and huge bodies", false, http.MethodPost, path, body,
					"Authorization", key, "Content-Encoding", "gzip", "Content-Type", "application/json")
			}
			s.endless(path, key)
		}
	}
}

// endless sends a body that does not end, in chunks, until the server has enough.
func (s *siege) endless(path, key string) {
	const most = 64 << 20
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, io.LimitReader(spaces{}, most))
	if err != nil {
		s.t.Error(err)
		return
	}
	req.Header.Set("Authorization", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := attacker.Do(req)
	status := 0
	if err == nil {
		status = resp.StatusCode
		resp.Body.Close()
	}
	s.note("bombs and huge bodies", status, false, "endless "+path)
}

// spaces are spaces without end.
type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// nesting sends documents that are deeper than anybody may read.
func (s *siege) nesting(rng *rand.Rand) {
	for range s.times(3) {
		for _, depth := range []int{65, 1000, 9_999, 10_001, 200_000} {
			depth += rng.IntN(3)
			list := strings.Repeat("[", depth) + strings.Repeat("]", depth)
			object := strings.Repeat(`{"a":`, depth/3) + "1" + strings.Repeat("}", depth/3)
			for _, deep := range []string{list, object, strings.Repeat("[", depth), strings.Repeat(`{"a":[`, depth/6)} {
				item := fmt.Sprintf(`{"type":"track","event":"inquired","messageId":"n%d","userId":"evil-n","properties":{"note":%s}}`, depth, deep)
				mayPass := depth < 200 && strings.HasPrefix(deep, `{"a":{`) // few enough levels
				s.try("deep nesting", mayPass, http.MethodPost, "/v1/track", []byte(item), "Authorization", basic(webKey))
				s.try("deep nesting", mayPass, http.MethodPost, "/v1/batch", []byte(`{"batch":[`+item+`]}`), "Authorization", basic(webKey))
				s.try("deep nesting", true, http.MethodPost, "/v1/source/clouds", []byte(`{"specversion":"1.0","id":"1","source":"s","type":"t","data":`+deep+`}`),
					"Authorization", "Bearer "+hostileCloud, "Content-Type", "application/cloudevents+json")
				s.try("deep nesting", false, http.MethodPost, "/api/v1/leads/find", []byte(`{"id":`+deep+`}`),
					"Authorization", "Bearer "+hostileAPIKey, "Content-Type", "application/json")
			}
		}
	}
}

// logInjection puts ends of lines, and lines behind them, wherever a client may write.
func (s *siege) logInjection(rng *rand.Rand) {
	line := `{"time":"2026-10-05T09:00:00Z","level":"ERROR","msg":"` + forgedLine + `"}`
	for _, breaks := range []string{"\n", "\r\n", "\\n", "\u2028", "\x1b[2K\r", "\x00\n", "%0a"} {
		evil := breaks + line + breaks
		quoted := strconv.QuoteToASCII(evil)
		for range s.times(2) {
			id := strconv.Itoa(rng.IntN(1_000_000))
			for _, body := range []string{
				`{"type":"track","event":` + quoted + `,"messageId":"l` + id + `","userId":"evil-l"}`,
				`{"type":"track","event":"inquired","messageId":` + quoted + `,"userId":` + quoted + `}`,
				`{"type":` + quoted + `,"userId":"` + personal + `"}`,
				evil,
			} {
				s.try("log injection", true, http.MethodPost, "/v1/track", []byte(body), "Authorization", basic(webKey), "User-Agent", strings.NewReplacer("\n", "", "\r", "", "\x00", "").Replace(evil))
			}
			s.try("log injection", false, http.MethodPost, "/v1/track", []byte("{}"), "Authorization", basic(evil))
			s.try("log injection", false, http.MethodPost, "/signin", []byte("key="+strings.NewReplacer("\n", "%0a", "\r", "%0d").Replace(evil)), "Content-Type", "application/x-www-form-urlencoded")
			s.try("log injection", false, http.MethodGet, "/api/v1/leads/"+strings.NewReplacer("\n", "%0a", "\r", "%0d", "\x1b", "%1b", "\x00", "%00", `"`, "%22", " ", "%20", "{", "%7b", "}", "%7d", "/", "%2f").Replace(evil)+personal, nil,
				"Authorization", "Bearer "+hostileAPIKey)
		}
	}
}

// tables are good lists, to be damaged.
var tables = []string{
	"email,name,company,note\nevil@example.com,\"Evil, Inc\",evil,=cmd|' /C calc'!A0\nevil2@example.com,x,y,z\n",
	"\ufeffemail;name;time\nevil@example.com;@SUM(A1);2026-10-05 09:00\n;;\n",
	"{\"email\":\"evil@example.com\",\"name\":{\"a\":[1,2]}}\n{\"email\":null}\n",
	"email\tname\r\nevil@example.com\t\"unclosed\r\n",
}

// fuzzLists lets an operator import lists that somebody has prepared for them. Nothing
// is kept; what must not be is a program that falls.
func (s *siege) fuzzLists(rng *rand.Rand) {
	for i := range s.times(6) {
		name := filepath.Join(s.t.TempDir(), fmt.Sprintf("list%d%s", i, []string{".csv", ".ndjson", ".txt"}[rng.IntN(3)]))
		body := damage(rng, strings.Repeat(tables[rng.IntN(len(tables))], 1+rng.IntN(50)))
		if err := os.WriteFile(name, body, 0o600); err != nil {
			s.t.Error(err)
			return
		}
		cmd := exec.CommandContext(s.t.Context(), s.bin, "import", name, "--event", "inquired", "--dry-run", "--server", s.url, "--key", hostileAPIKey)
		out, err := cmd.CombinedOutput()
		status := http.StatusOK
		if err != nil {
			status = http.StatusBadRequest
		}
		if strings.Contains(string(out), "panic:") || strings.Contains(string(out), "goroutine ") || strings.Contains(string(out), "cannot answer at present") {
			status = http.StatusInternalServerError
		}
		s.note("fuzz of lists", status, true, fmt.Sprintf("%.100q: %.300s", body, out))
	}
}
