package httpd

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// What the services behind the channels call: POST /v1/in/CHANNEL, and whatever
// is behind it. The channel's plugin finds out whether the call is its service's;
// here it is only bounded. The answer goes out when the facts in the call are
// durable, so a service that calls again until it gets 2xx loses nothing.

// Callbacks takes the calls. The plugin host stands behind it.
type Callbacks interface {
	// Receive hands a call to a channel. ErrNoCallback says that there is no such
	// channel, or none that is called; with any other error the call should come
	// again.
	Receive(ctx context.Context, channel string, c Callback) (CallbackAnswer, error)
}

// ErrNoCallback: nobody takes calls under this name.
var ErrNoCallback = errors.New("no such channel receives calls")

// Callback is a call of a service.
type Callback struct {
	Path   string // behind /v1/in/CHANNEL
	URL    string // as it was called
	Header http.Header
	Body   []byte
}

// CallbackAnswer is the channel's answer to it.
type CallbackAnswer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Bounds of the calls. Anybody may make them.
const (
	maxCallback      = 10 << 20 // bytes of a body: a mail with its attachments
	maxCallbackReply = 1 << 20
	callbacksAtOnce  = 32
)

func (s *Server) routeCallbacks(mux *http.ServeMux) {
	if s.options.Callbacks == nil {
		return
	}
	room := make(chan struct{}, callbacksAtOnce)
	take := func(w http.ResponseWriter, r *http.Request) { s.takeCallback(w, r, room) }
	mux.HandleFunc("POST /v1/in/{channel}", take)
	mux.HandleFunc("POST /v1/in/{channel}/{rest...}", take)
}

func (s *Server) takeCallback(w http.ResponseWriter, r *http.Request, room chan struct{}) {
	answer, err := s.callback(r, room)
	switch {
	case errors.Is(err, ErrNoCallback):
		newProblem(http.StatusNotFound, "no_channel", "no channel of this name receives calls").write(w)
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	for name, lines := range answer.Header {
		if name = http.CanonicalHeaderKey(name); mayAnswerWith(name) {
			h[name] = lines
		}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the service has gone: it will call again
}

// mayAnswerWith reports whether a plugin may set a header of the answer: what it
// says of its own, nothing that touches our pages or the connection.
func mayAnswerWith(name string) bool {
	return name == "Content-Type" || name == "Retry-After" || strings.HasPrefix(name, "X-") && name != "X-Content-Type-Options"
}

// callback reads a call and hands it over. Room is taken when all of the call is
// there: who sends slowly keeps nobody out.
func (s *Server) callback(r *http.Request, room chan struct{}) (CallbackAnswer, error) {
	if err := s.open(); err != nil {
		return CallbackAnswer{}, err
	}
	body, err := s.readBody(r, maxCallback)
	defer body.release()
	if err != nil {
		return CallbackAnswer{}, err
	}
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	default:
		return CallbackAnswer{}, busy(time.Second)
	}
	path := r.PathValue("rest")
	if path != "" {
		path = "/" + path
	}
	answer, err := s.options.Callbacks.Receive(r.Context(), r.PathValue("channel"), Callback{
		Path: path, URL: calledURL(r), Header: r.Header.Clone(), Body: body.bytes,
	})
	if err == nil && len(answer.Body) > maxCallbackReply {
		return CallbackAnswer{}, newProblem(http.StatusBadGateway, "bad_answer", "the channel's answer is too large")
	}
	return answer, err
}

// calledURL is the whole address as the service called it: behind a proxy of ours,
// what the proxy says.
func calledURL(r *http.Request) string {
	u := *r.URL
	u.Scheme, u.Host = "http", r.Host
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		u.Scheme = "https"
	}
	return u.String()
}
