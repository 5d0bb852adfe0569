package demo

import (
	"context"
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/enginetest/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// letter is a mail as the email channel writes it.
const letter = "From: =?UTF-8?q?=E4=BD=90=E8=97=A4?= <sato@minamo.example.co.jp>\r\n" +
	"To: <mori@tsukiyo.example.jp>\r\n" +
	"Subject: =?UTF-8?B?44CQ6LOH5paZ6YCB5LuY44CR?=\r\n" +
	"Message-ID: <00112233445566778899aabbccddeeff@minamo.example.co.jp>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
	"5qOu5qeYDQrjgYLjgorjgYzjgajjgYbjgZTjgZbjgYTjgb7jgZk=\r\n" +
	"--b\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n" +
	`<p>森様</p><a class="x" href="https://www.minamo.example.co.jp/cases?a=1&amp;b=2">事例</a> ` +
	`<a href='https://www.minamo.example.co.jp/unsubscribe/1'>停止</a>` + "\r\n" +
	"--b--\r\n"

// openMailbox serves a mailbox for the time of a test.
func openMailbox(t *testing.T, keep int) *Mailbox {
	t.Helper()
	b, err := NewMailbox(MailboxOptions{Clock: enginetest.NewClock(Monday()), Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the mailbox ended with %v", err)
		}
	})
	return b
}

func send(t *testing.T, b *Mailbox, text string) {
	t.Helper()
	if err := smtp.SendMail(b.Addr(), nil, "bounce@minamo.example.co.jp", []string{"mori@tsukiyo.example.jp"}, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	b := openMailbox(t, 0)
	heard := make(chan int, 1)
	forget := b.onMail(func(m *Mail) { heard <- m.Number })
	send(t, b, letter)
	m, err := b.Wait(t.Context(), func(m *Mail) bool { return strings.Contains(m.Subject, "資料送付") })
	if err != nil {
		t.Fatal(err)
	}
	if n := <-heard; n != 1 || b.Taken() != 1 || b.Mail(1) != m || b.Mail(2) != nil || b.Mail(0) != nil {
		t.Errorf("mail %d came, %d in all", n, b.Taken())
	}
	got := fmt.Sprintf("%s|%s|%s|%v|%s|%v", m.From, m.Key, m.Sender, m.To, m.Text, m.At)
	want := "佐藤 <sato@minamo.example.co.jp>|00112233445566778899aabbccddeeff|bounce@minamo.example.co.jp|" +
		"[mori@tsukiyo.example.jp]|森様\nありがとうございます|2026-10-05 09:00:00 +0900 JST"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	links := "[https://www.minamo.example.co.jp/cases?a=1&b=2 https://www.minamo.example.co.jp/unsubscribe/1]"
	if got := fmt.Sprint(m.Links()); got != links || m.bestLink() != m.Links()[0] {
		t.Errorf("it leads to %v", got)
	}
	if m.Preview() != "森様 ありがとうございます" {
		t.Errorf("its preview is %q", m.Preview())
	}
	subject := ""
	for _, l := range m.Header {
		if l.Name == "Subject" {
			subject = l.Value
		}
	}
	if subject != "【資料送付】" {
		t.Errorf("the header shows the subject %q", subject)
	}
	forget()
	send(t, b, letter)
	if len(heard) != 0 {
		t.Error("a watcher that was dropped heard of a mail")
	}
}

func TestMailboxKeepsTheNewest(t *testing.T) {
	t.Parallel()
	b := openMailbox(t, 2)
	for i := range 5 {
		send(t, b, fmt.Sprintf("Subject: %d\r\n\r\ntext %d\r\n", i+1, i+1))
	}
	mails := b.Mails()
	if len(mails) != 2 || mails[0].Subject != "5" || mails[1].Subject != "4" || b.Taken() != 5 {
		t.Fatalf("%d mails are kept, %d came", len(mails), b.Taken())
	}
	if b.Mail(4) != mails[1] || b.Mail(3) != nil || b.Mail(6) != nil {
		t.Error("numbers do not lead to their mails")
	}
	if m, err := b.Wait(t.Context(), func(m *Mail) bool { return m.Number == 4 }); err != nil || m.Text != "text 4\n" {
		t.Errorf("waiting for a mail that is there gave %v, %v", m, err)
	}
}

// A mail that is none is kept and shown for what it is.
func TestMailboxTakesBrokenMails(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no header":      "\r\n\r\n",
		"cut boundary":   "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nabc",
		"no boundary":    "Subject: x\r\nContent-Type: multipart/mixed\r\n\r\nabc\r\n",
		"odd charset":    "Subject: =?X-NONE?Q?a?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\nabc\r\n",
		"broken base64":  "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
		"broken subject": "Subject: =?UTF-8?B?!!?=\r\n\r\nabc\r\n",
		"bytes":          "Subject: \xff\xfe\r\n\r\n\xff\x00\xfe\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if m := parseMail([]byte(text)); m == nil || m.Size != len(text) {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func FuzzParseMail(f *testing.F) {
	f.Add([]byte(letter))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := parseMail(raw)
		m.Preview()
		m.bestLink()
	})
}

func TestMailboxWaitEnds(t *testing.T) {
	t.Parallel()
	b := openMailbox(t, 0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := b.Wait(ctx, func(*Mail) bool { return false }); err == nil {
		t.Error("waiting for a mail that never comes ended without an error")
	}
}
