package channel

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Listener is a Channel that fetches what its service tells afterwards: bounces
// in a mailbox, opportunities in a CRM. Listen runs beside Do for the whole life
// of the process, until ctx ends. When it returns an error the host calls it
// again after a pause that grows from failure to failure; nil before ctx has
// ended means the same without the error.
//
// One process of a channel listens at a time: while a new version takes over,
// the new one begins when the old one has returned.
type Listener interface {
	Channel
	Listen(ctx context.Context, in Inbox) error
}

// Inbox is where a Listener leaves what it has fetched.
type Inbox interface {
	// Cursor is the one of the last Accept, kept by the host over restarts and
	// new versions; "" where there was none. What it says is the channel's own
	// affair: a page token, a time, the number of a mail.
	Cursor() string
	// Accept returns when the facts are durable, and with them the cursor; until
	// then nothing may be removed at the service. An error means that this is not
	// known: the same facts may be accepted again, they count once by their ID.
	// Without facts it keeps the cursor alone.
	Accept(ctx context.Context, facts []Fact, cursor string) error
}

// Receiver is a Channel that its service calls over HTTP. The server offers
// POST /v1/in/CHANNEL and whatever is behind it, and hands each request over.
// Anybody may call that address, so Receive must first find out that the request
// is the service's, by its signature. An error makes the server answer 503, and
// the service call again.
type Receiver interface {
	Channel
	Receive(ctx context.Context, h HTTPRequest) (HTTPReply, error)
}

// HTTPRequest is a request as the service made it. Query, Header and Body may
// hold personal data and secrets: never log them.
type HTTPRequest struct {
	Method string
	Path   string // behind /v1/in/CHANNEL, "" or "/bounces"
	URL    string // the whole address as it was called, for signatures that cover it
	Query  url.Values
	Header http.Header // without Cookie
	Body   []byte
}

// HTTPReply is the answer to it. The facts are durable before the answer goes
// out; where they cannot be made so, the service gets 503 instead and calls
// again.
type HTTPReply struct {
	Status int // 0 is 200
	Header http.Header
	Body   []byte
	Facts  []Fact
}

// Fact is something that the service tells about a message or a lead. Event is
// one of those that Description.Events declares.
//
// Whom it is about is the first of Token, Action, Lead, User, Email and Attribute
// that is given and known. What is about nobody known is kept with the events that were
// not understood, where an operator finds it with its reason.
type Fact struct {
	// ID names the fact for ever within the channel: the same ID counts once.
	ID    string
	Event string
	At    time.Time // when it happened; zero is now

	Token  string // a sealed token that was put into the message: reply address, return path
	Action string // Request.Key of what we sent
	Lead   string // Request.Lead
	User   string // the userId
	Email  string // the value of the attribute that identifies leads, an address

	// Attribute names an attribute of leads, Value what the service calls the lead:
	// "line_id" and the user id of LINE, say. Only an attribute that the workspace
	// has made an identifier finds anybody.
	Attribute, Value string

	// Fields are those of the event: string, float64, bool, time.Time, or
	// anything else that JSON can say.
	Fields map[string]any
}
