package httpd

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/smtp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// demoMail is a mail as the email channel sends it, with all that a mail should
// not do to a page that shows it.
const demoMail = "From: =?UTF-8?B?5L2Q6Jek?= <sato@minamo.example.co.jp>\r\nTo: mori@tsukiyo.example.jp\r\n" +
	"Subject: =?UTF-8?B?44CQ6LOH5paZ6YCB5LuY44CR44G/44Gq44KC6KuL5rGC44Kv44Op44Km44OJIOOCteODvOODk+OCueizh+aWmeOBruOBlOahiOWGhQ==?=\r\n" +
	"Message-ID: <00112233445566778899aabbccddee0%d@minamo.example.co.jp>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n月夜物流株式会社\r\n森 様\r\n\r\n資料をお送りします。\r\n" +
	"--b\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p id=letter>森 様</p><script>top.location='/gone'</script>" +
	"<form action=/dead method=post><button>送る</button></form><p style=\"width:3000px\">幅の広い段落</p>\r\n--b--\r\n"

const demoPacket = `{"toss_up":"hot_lead","subject":"月夜物流株式会社 森様（興味度 %d）","owner":"東京インサイドセールス","user_id":"c1",` +
	`"company":"<img src=x onerror=alert(1)>","department":"経理部","title":"経理部長","name":"森 直樹","email":"naoki.mori@tsukiyo.example.jp",` +
	`"phone":"03-0000-1234","fit":"70","interest":"82","reasons":[{"condition":"did('pricing_viewed', '7d') or did('case_viewed', '7d')",` +
	`"facts":{"times:case_viewed:7d":1,"times:pricing_viewed:7d":3}},{"condition":"score.interest >= const.hot","facts":{"score.interest":81.6}}]}`

// serveDemo serves a world whose console has the demo's pages.
func serveDemo(t *testing.T) (mailbox *demo.Mailbox, desk *demo.Desk, url string) {
	t.Helper()
	w := newWorld(t)
	mailbox, err := demo.NewMailbox(demo.MailboxOptions{Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	desk, err = demo.NewDesk(demo.DeskOptions{Clock: w.clock, Wall: enginetest.NewClock(monday)})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := demo.NewPages(mailbox, desk, demo.Japan())
	if err != nil {
		t.Fatal(err)
	}
	o := w.options()
	o.Loopback = true
	o.Pages = []Page{
		{Path: "/mailbox", Ja: "受信箱", En: "Mailbox", Handler: pages.Mailbox()},
		{Path: "/sales", Ja: "営業デスク", En: "Sales desk", Handler: pages.Sales()},
	}
	s := newServer(t, o)
	pages.PutInto(s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 3)
	go func() { served <- s.Serve(ctx, listener) }()
	go func() { served <- mailbox.Serve(ctx) }()
	go func() { served <- desk.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 3 {
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
	})
	return mailbox, desk, "http://" + listener.Addr().String()
}

func sendDemoMail(t *testing.T, mailbox *demo.Mailbox, n int) {
	t.Helper()
	if err := smtp.SendMail(mailbox.Addr(), nil, "b@minamo.example.co.jp", []string{"mori@tsukiyo.example.jp"}, fmt.Appendf(nil, demoMail, n)); err != nil {
		t.Fatal(err)
	}
}

func postDemoPacket(t *testing.T, desk *demo.Desk, n int) {
	t.Helper()
	postDemo(t, desk, fmt.Sprintf("key-%d", n), fmt.Sprintf(demoPacket, n))
}

func postDemo(t *testing.T, desk *demo.Desk, key, body string) {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(desk.Secret())
	if err != nil {
		t.Fatal(err)
	}
	signature, err := w.Sign(key, monday, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, desk.URL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("webhook-id", key)
	req.Header.Set("webhook-timestamp", fmt.Sprint(monday.Unix()))
	req.Header.Set("webhook-signature", signature)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Fatalf("the desk answered %s", answer.Status)
	}
}

// TestDemoPages opens the pages that a demo adds to the console as TestPages does
// the console's own, empty and full, and watches mails and hand-overs come in.
func TestDemoPages(t *testing.T) {
	t.Parallel()
	mailbox, desk, url := serveDemo(t)
	b := newBrowser(t)
	b.watch(t)
	b.lookAll(t, url, map[string]string{"/mailbox": ".empty-page", "/sales": ".empty-page"}, "empty")

	b.must(t, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(url+"/mailbox?lang=ja"), chromedp.WaitVisible(chromedp.CSS(".empty-page")))
	for n := range 3 {
		sendDemoMail(t, mailbox, n+1)
		postDemoPacket(t, desk, n+1)
	}
	b.waitText(t, ".mail-list", "【資料送付】")
	b.must(t, chromedp.Navigate(url+"/sales?lang=ja"), chromedp.WaitVisible(chromedp.CSS(".packet")))
	postDemoPacket(t, desk, 99)
	b.waitText(t, ".packet", "興味度 99")
	postDemo(t, desk, "notice", `{"kind":"watch_list","company":"月夜物流株式会社","name":"森 直樹","interest":"12"}`)
	b.waitText(t, ".list", "watch_list")
	b.quiet(t)

	b.lookAll(t, url, map[string]string{
		"/mailbox": ".mail-list", "/mailbox/2": ".mail", "/mailbox/2?part=text": ".plain", "/mailbox/2?part=header": ".raw-head", "/sales": ".packet",
	}, "full")
}

// lookAll looks at pages so that each pair of language, color scheme and width is
// seen once.
func (b *browser) lookAll(t *testing.T, url string, pages map[string]string, name string) {
	t.Helper()
	wide, narrow := [2]int64{1440, 900}, [2]int64{390, 844}
	for path, wait := range pages {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		for _, form := range []struct {
			lang, scheme string
			size         [2]int64
		}{{"ja", "light", wide}, {"ja", "dark", narrow}, {"en", "light", narrow}, {"en", "dark", wide}} {
			file := strings.NewReplacer("/", "", "?", "-", "=", "-").Replace(path)
			b.look(t, url+path+join+"lang="+form.lang, wait, form.scheme, form.size, strings.Join([]string{"demo", name, file, form.lang, form.scheme}, "-"))
		}
	}
}
