package demo

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// wall is the machine's time in these tests.
var wall = time.Date(2027, 2, 3, 4, 5, 6, 0, time.UTC)

const handOver = `{"toss_up":"hot_lead","company":"月夜物流株式会社","name":"森 直樹","fit":70,"user_id":"c1-0001",` +
	`"subject":"月夜物流株式会社 森様","owner":"東京","reasons":[{"condition":"score.interest >= const.hot",` +
	`"facts":{"score.interest":71.6204,"const.hot":70}},{"condition":"not lead.unsubscribed","facts":{"lead.unsubscribed":null}}]}`

func openDesk(t *testing.T) *Desk {
	t.Helper()
	d, err := NewDesk(DeskOptions{Clock: enginetest.NewClock(Monday()), Wall: enginetest.NewClock(wall), Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the desk ended with %v", err)
		}
	})
	return d
}

// post delivers a body, signed by the public library.
func post(t *testing.T, d *Desk, key, body string, at time.Time, change func(http.Header)) int {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(d.Secret())
	if err != nil {
		t.Fatal(err)
	}
	signature, err := w.Sign(key, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("webhook-id", key)
	req.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	req.Header.Set("webhook-signature", "v1,AAAA "+signature) // as while a secret is changed
	if change != nil {
		change(req.Header)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestDeskTakesEveryKeyOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	heard := 0
	forget := d.onPacket(func(Packet) { heard++ })
	for range 2 {
		if status := post(t, d, "k1", handOver, wall, nil); status != http.StatusNoContent {
			t.Fatalf("a hand-over was answered with %d", status)
		}
	}
	p, err := d.Wait(t.Context(), func(p Packet) bool { return p.Key == "k1" })
	if err != nil {
		t.Fatal(err)
	}
	forget()
	if got := d.Tally(); got != (Tally{Taken: 1, Repeats: 1}) || heard != 1 {
		t.Errorf("the desk counted %+v and told of %d", got, heard)
	}
	got := fmt.Sprint(p.Number, p.State, p.TossUp, p.User, p.Owner, p.Title(), p.At, p.Fields, p.Reasons)
	want := "1offeredhot_leadc1-0001東京月夜物流株式会社 森様2026-10-05 09:00:00 +0900 JST" +
		"[{company 月夜物流株式会社} {name 森 直樹} {fit 70}]" +
		"[{score.interest >= const.hot [{score.interest 71.6} {const.hot 70}]} {not lead.unsubscribed [{lead.unsubscribed }]}]"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, key := range []string{"k2", "k3", "k1"} {
		post(t, d, key, handOver, wall, nil)
	}
	if packets := d.Packets(); len(packets) != 2 || packets[0].Key != "k3" || d.Tally().Repeats != 2 {
		t.Errorf("kept %d packets after %+v", len(packets), d.Tally())
	}
}

func TestDeskTurnsAway(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for name, c := range map[string]struct {
		body   string
		at     time.Time
		change func(http.Header)
		want   int
	}{
		"another body":  {handOver, wall, func(h http.Header) { h.Set("webhook-id", "other") }, http.StatusUnauthorized},
		"no signature":  {handOver, wall, func(h http.Header) { h.Del("webhook-signature") }, http.StatusUnauthorized},
		"no id":         {handOver, wall, func(h http.Header) { h.Del("webhook-id") }, http.StatusUnauthorized},
		"no time":       {handOver, wall, func(h http.Header) { h.Set("webhook-timestamp", "now") }, http.StatusUnauthorized},
		"too old":       {handOver, wall.Add(-6 * time.Minute), nil, http.StatusUnauthorized},
		"from tomorrow": {handOver, wall.Add(6 * time.Minute), nil, http.StatusUnauthorized},
		"no object":     {`["a"]`, wall, nil, http.StatusBadRequest},
		"cut":           {`{"a":`, wall, nil, http.StatusBadRequest},
		"odd reasons":   {`{"reasons":5}`, wall, nil, http.StatusBadRequest},
		"a minute slow": {handOver, wall.Add(-time.Minute), nil, http.StatusNoContent},
	} {
		t.Run(name, func(t *testing.T) {
			if got := post(t, d, "k-"+name, c.body, c.at, c.change); got != c.want {
				t.Errorf("answered with %d, want %d", got, c.want)
			}
		})
	}
	if got := d.Tally(); got != (Tally{Taken: 1, Rejected: 6, Unread: 3}) {
		t.Errorf("the desk counted %+v", got)
	}
}

// Sales reads the conditions in words where the packet has them.
func TestReasonsAreSaidInWords(t *testing.T) {
	t.Parallel()
	for why, want := range map[string][2]string{
		`,"why":"関心度が 70 以上\n配信停止していない"`: {"関心度が 70 以上", "配信停止していない"},
		`,"why":"関心度が 70 以上"`:            {}, // of which one it is nobody knows
		``:                               {},
	} {
		p, err := parsePacket([]byte(strings.TrimSuffix(handOver, "}") + why + "}"))
		if err != nil || len(p.Reasons) != 2 || p.Reasons[0].Words != want[0] || p.Reasons[1].Words != want[1] {
			t.Errorf("%s: %+v, %v", why, p, err)
		}
	}
}

func FuzzParsePacket(f *testing.F) {
	f.Add([]byte(handOver))
	f.Add([]byte(`{"reasons":"[{\"condition\":\"a\"}]","a":{"b":[1,2]},"a":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := parsePacket(body); err == nil {
			_ = p.Title()
		}
	})
}
