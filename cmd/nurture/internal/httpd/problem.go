package httpd

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// Problem is what every refused request gets, in the form of RFC 9457: a status,
// a stable code and a sentence fit for a stranger.
type Problem struct {
	Type   string `json:"type,omitempty" example:"about:blank" doc:"Always about:blank: the code says what it is."`
	Title  string `json:"title" doc:"The status in words."`
	Status int    `json:"status"`
	Code   string `json:"code" doc:"What went wrong, stable over versions." example:"not_found"`
	Detail string `json:"detail,omitempty" doc:"A sentence about this case."`

	// Request is given where the fault is the server's: its log says more under it.
	Request string `json:"requestId,omitempty" doc:"Where the fault is the server's: the server's log says what went wrong in a line with this id." example:"5f3a9c1e-17"`

	// Errors is the verdict on each item, where a request had several.
	Errors []ItemProblem `json:"errors,omitempty"`

	after time.Duration // Retry-After, 0: none
	cause error         // what the server does not tell a stranger; see Server.told
}

// ItemProblem is the verdict on one item of a request.
type ItemProblem struct {
	Index  int    `json:"index" doc:"Place of the item in the request, from 0."`
	ID     string `json:"messageId,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problemOf is the one place that turns what went wrong into an HTTP status. A
// passing fault is 429 or 503 and says when to come back; clients drop what they
// get any other 4xx for, and take 3xx for success.
func problemOf(err error) *Problem {
	var own *Problem
	var refused *engine.Problem
	var overload *runner.Overload
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &refused):
		status := http.StatusBadRequest
		if refused.Code == "too_large" {
			status = http.StatusRequestEntityTooLarge
		}
		return newProblem(status, refused.Code, refused.Text)
	case errors.As(err, &overload):
		return busy(max(overload.After, time.Second))
	case errors.Is(err, runner.ErrOverloaded):
		return busy(time.Second)
	case errors.Is(err, runner.ErrTooMany):
		return newProblem(http.StatusRequestEntityTooLarge, "too_many", "the call has more events than this server queues at once: send fewer")
	case errors.Is(err, runner.ErrNoLetter):
		return newProblem(http.StatusNotFound, "no_letter", "there is no dead letter of that key")
	case errors.Is(err, runner.ErrStopping):
		return away("stopping", "the server is stopping, try again in a moment", 2*time.Second)
	}
	p := away("unavailable", "the server cannot answer at present, try again in a moment", 5*time.Second)
	p.cause = err
	return p
}

func busy(after time.Duration) *Problem {
	p := newProblem(http.StatusTooManyRequests, "overloaded", "more is queued than may be, try again later")
	p.after = after
	return p
}

func away(code, detail string, after time.Duration) *Problem {
	p := newProblem(http.StatusServiceUnavailable, code, detail)
	p.after = after
	return p
}

// write sends the problem as the answer.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	if p.after > 0 {
		h.Set("Retry-After", retryAfter(p.after))
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone: nobody is left to tell
}

// humaError gives the API's own errors (a parameter that does not parse, a body
// that does not fit its schema) the same form.
func humaError(status int, message string, details ...error) huma.StatusError {
	p := newProblem(status, "bad_request", message)
	for i, err := range details {
		detail := err.Error()
		var at huma.ErrorDetailer // it repeats the value, which may be personal data
		if errors.As(err, &at) {
			if d := at.ErrorDetail(); d.Location != "" {
				detail = d.Message + " (" + d.Location + ")"
			}
		}
		p.Errors = append(p.Errors, ItemProblem{Index: i, Code: "invalid", Detail: detail})
	}
	switch status {
	case http.StatusNotFound:
		p.Code = "not_found"
	case http.StatusRequestEntityTooLarge:
		p.Code = "too_large"
	}
	return p
}

// retryAfter is a Retry-After header's text: whole seconds, rounded up.
func retryAfter(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
