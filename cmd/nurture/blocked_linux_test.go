package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

var lineRules = map[string]string{"rules.hcl": `project "line" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  key = "email"

  text "email" {}
  text "line_id" { identifier = true }
}

event "asked" {}

contact_policy "default" {}

channel "chat" {
  plugin = "line"

  config {
    token         = "a-token"
    secret        = env("SECRET")
    api           = env("LINE")
    allow_private = true
  }
}

workflow "answer" {
  enter { on = event.asked }
  re_enter { after = "1m" }

  steps {
    line "hello" {
      to            = "{{ lead.line_id ?? '' }}"
      message       = "こんにちは"
      transactional = true
    }
  }
}
`}

// Who blocks the account on LINE gets no message any more, not even a transactional
// one, until they follow it again: LINE's own requests, through the real plugin, say
// so.
func TestBlockedOnLINE(t *testing.T) {
	t.Parallel()
	const tanaka, secret = "U0123456789abcdef0123456789abcdef", "line-channel-secret"
	pushed := make(chan string, 10)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pushed <- r.URL.Path
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"sentMessages":[{"id":"1"}]}`)
	}))
	t.Cleanup(service.Close)
	ctx := enginetest.Patience(t)
	w := newFastWorld(t, ctx, 2*time.Minute, lineRules, map[string]string{"LINE": service.URL, "SECRET": secret})
	defer w.stop()
	w.post("/v1/batch", fmt.Sprintf(`{"batch":[{"type":"identify","messageId":"i1","userId":"u1","traits":{"email":"tanaka@example.jp","line_id":%q}}]}`, tanaka))
	ask := func(n int) {
		w.post("/v1/batch", fmt.Sprintf(`{"batch":[{"type":"track","messageId":"a%d","userId":"u1","event":"asked"}]}`, n))
	}
	tell := func(id, kind string) int {
		body := fmt.Sprintf(`{"destination":"U","events":[{"type":%q,"webhookEventId":%q,"timestamp":%d,"source":{"type":"user","userId":%q}}]}`,
			kind, id, w.clock.Now().UnixMilli(), tanaka)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.server.url()+"/v1/in/chat", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Line-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}

	ask(1)
	w.until("the first message came", func() bool { return len(pushed) == 1 })
	if status := tell("e1", "unfollow"); status != http.StatusOK {
		t.Fatalf("LINE's request was answered %d", status)
	}
	if f := w.fact("u1", "line_blocked"); f == nil {
		t.Fatal("the lead's journal says nothing of the block")
	}
	w.pass(2 * time.Minute)
	ask(2)
	w.until("the second message was skipped", func() bool { return w.lead("u1").decided("skipped", engine.Suppressed) })
	if status := tell("e2", "follow"); status != http.StatusOK {
		t.Fatalf("LINE's request was answered %d", status)
	}
	w.pass(2 * time.Minute)
	ask(3)
	w.until("the third message came", func() bool { return len(pushed) == 2 })
}
