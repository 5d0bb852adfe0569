package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// Frame is what a page stands in: the console's.
type Frame interface {
	// Language is what the reader wants, "ja" or "en".
	Language(r *http.Request) string
	// Layout answers with a whole page around a body.
	Layout(w http.ResponseWriter, r *http.Request, title string, body template.HTML)
}

// Pages shows a mailbox and a desk in the console.
type Pages struct {
	mailbox   *Mailbox
	desk      *Desk
	templates *template.Template
	zone      *time.Location // in which times are shown
	frame     Frame
}

// NewPages makes the pages of a demo in a country. They need a Frame before they are
// first asked for.
func NewPages(mailbox *Mailbox, desk *Desk, country *Country) (*Pages, error) {
	t, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("load the demo's pages: %w", err)
	}
	return &Pages{mailbox: mailbox, desk: desk, templates: t, zone: country.zone}, nil
}

// PutInto gives the pages their frame.
func (p *Pages) PutInto(frame Frame) { p.frame = frame }

// Mailbox answers for /mailbox and everything below it.
func (p *Pages) Mailbox() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mailbox", p.showMailbox)
	mux.HandleFunc("GET /mailbox/{number}", p.showMailbox)
	mux.HandleFunc("GET /mailbox/{number}/body", p.showBody)
	mux.HandleFunc("GET /mailbox/list", func(w http.ResponseWriter, r *http.Request) {
		p.fragment(w, "mails", p.mailboxView(r, r.URL.Query().Get("open")))
	})
	mux.HandleFunc("GET /mailbox/first", func(w http.ResponseWriter, r *http.Request) {
		p.fragment(w, "letters", p.mailboxView(r, ""))
	})
	mux.HandleFunc("GET /mailbox/demo.css", showStyle)
	return mux
}

// Sales answers for /sales and everything below it.
func (p *Pages) Sales() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sales", func(w http.ResponseWriter, r *http.Request) { p.page(w, r, "sales", p.salesView(r)) })
	mux.HandleFunc("GET /sales/list", func(w http.ResponseWriter, r *http.Request) { p.fragment(w, "packets", p.salesView(r)) })
	return mux
}

// look is what every template knows.
type look struct {
	Lang string
	Zone *time.Location
	Body any
}

// T is one of the pages' texts.
func (l look) T(name string) string {
	if w, ok := pageWords[name]; ok {
		return w.in(l.Lang)
	}
	return name
}

// Time writes a time of the demo.
func (l look) Time(t time.Time) string {
	t = t.In(l.Zone)
	if l.Lang == "ja" {
		return fmt.Sprintf("%d/%d（%s）%s", int(t.Month()), t.Day(), weekdays[t.Weekday()], t.Format("15:04"))
	}
	return t.Format("Mon 2 Jan, 15:04")
}

// Machine writes a time for the datetime attribute.
func (l look) Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// With gives a partial template the look and what it is about.
func (l look) With(body any) look { return look{l.Lang, l.Zone, body} }

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// page answers with a template inside the frame.
func (p *Pages) page(w http.ResponseWriter, r *http.Request, name string, v look) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	p.frame.Layout(w, r, v.T(name), template.HTML(b.String())) // html/template has made it
}

// fragment answers with the part of a page that changes.
func (p *Pages) fragment(w http.ResponseWriter, name string, v look) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the reader has gone
}

func showStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/demo.css")
}

// mailboxView is the list of mails and the one that is open.
type mailboxView struct {
	Address string
	Taken   int
	Mails   []*Mail
	Open    *Mail
	Chosen  bool   // the address names the open one
	Part    string // of the open one: html, text, header
}

// listed is how many mails the list shows.
const listed = 100

func (p *Pages) mailboxView(r *http.Request, number string) look {
	v := mailboxView{Address: p.mailbox.Addr(), Taken: p.mailbox.Taken(), Mails: p.mailbox.Mails()}
	v.Mails = v.Mails[:min(len(v.Mails), listed)]
	if n, err := strconv.Atoi(number); err == nil {
		v.Open = p.mailbox.Mail(n)
		v.Chosen = v.Open != nil
	}
	if v.Open == nil && len(v.Mails) > 0 {
		v.Open = v.Mails[0]
	}
	v.Part = r.URL.Query().Get("part")
	if v.Open != nil && v.Open.Channel == "" && v.Part != "text" && v.Part != "header" {
		v.Part = "html"
		if v.Open.HTML == "" {
			v.Part = "text"
		}
	}
	return look{p.frame.Language(r), p.zone, v}
}

func (p *Pages) showMailbox(w http.ResponseWriter, r *http.Request) {
	v := p.mailboxView(r, r.PathValue("number"))
	h := w.Header()
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'") // for the HTML part
	p.page(w, r, "mailbox", v)
}

// letterPolicy lets a mail's HTML show itself and do nothing but open its links: it
// may be written by anybody who can write a template. Looking at a mail here loads
// no picture, so it is no open.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; " +
	"base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// showBody is the HTML part of a mail, alone, for a frame.
func (p *Pages) showBody(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	m := p.mailbox.Mail(n)
	if err != nil || m == nil || m.HTML == "" {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", letterPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(m.HTML)) // the reader has gone
}

// salesView is what sales has been handed, and what became of it. Notices are
// what workflows tell sales besides.
type salesView struct {
	Packets []Packet
	Notices []Packet
	Figures []figure
}

type figure struct {
	Name string
	N    int
	Mood string
}

func (p *Pages) salesView(r *http.Request) look {
	packets := p.desk.Packets()
	n := map[State]int{}
	for i := range packets {
		n[packets[i].State]++
	}
	v := salesView{Packets: some(packets, func(s State) bool { return s != Notice }), Notices: some(packets, func(s State) bool { return s == Notice })}
	taken := n[Accepted] + n[Opportunity] + n[Won] + n[Lost]
	v.Figures = []figure{
		{"handed_over", len(packets) - n[Notice], ""},
		{"open", n[Offered], "warn"},
		{"accepted", taken, "ok"},
		{"rejected", n[Rejected], "bad"},
		{"opportunity", n[Opportunity] + n[Won] + n[Lost], "ok"},
		{"won", n[Won], "ok"},
	}
	return look{p.frame.Language(r), p.zone, v}
}

// some are the first of the packets in such a state.
func some(packets []Packet, such func(State) bool) []Packet {
	var out []Packet
	for i := range packets {
		if such(packets[i].State) && len(out) < listed {
			out = append(out, packets[i])
		}
	}
	return out
}

// Title is what a packet is headed by.
func (p Packet) Title() string {
	if p.Subject != "" {
		return p.Subject
	}
	if company := p.Field("company"); company != "" {
		return company + " " + p.Field("name")
	}
	return p.TossUp
}

// Mood is the color of a packet's state.
func (p Packet) Mood() string {
	switch p.State {
	case Accepted, Opportunity, Won:
		return "ok"
	case Rejected, Lost:
		return "bad"
	case Offered:
		return "warn"
	}
	return ""
}
