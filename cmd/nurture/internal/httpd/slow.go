package httpd

import (
	"io"
	"net/http"
	"time"
)

// A body has bodyStart to begin with, and a second more for every bodySpeed bytes that
// have come, up to bodyMost. Whoever sends a byte now and then only to hold the call
// open is shown the door after a few seconds, and a large body over a slow line is not.
const (
	bodyStart = 5 * time.Second
	bodySpeed = 8 << 10
	bodyMost  = time.Minute
)

// paced lets no body come slower than that. Calls without a body pass as they are.
func paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		r2 := *r
		r2.Body = &pacedBody{ReadCloser: r.Body, control: http.NewResponseController(w), begun: time.Now()}
		next.ServeHTTP(w, &r2)
	})
}

// pacedBody moves the connection's deadline on as bytes come.
type pacedBody struct {
	io.ReadCloser
	control *http.ResponseController
	begun   time.Time
	come    int64
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	allowed := min(bodyStart+time.Duration(b.come)*time.Second/bodySpeed, bodyMost)
	// Where there is no connection, in tests of handlers, there is nothing to set.
	_ = b.control.SetReadDeadline(b.begun.Add(allowed))
	n, err := b.ReadCloser.Read(p)
	b.come += int64(n)
	if err == io.EOF {
		// All of it is there. What is left to notice is that the client goes away.
		_ = b.control.SetReadDeadline(time.Now().Add(2 * bodyMost))
	}
	return n, err
}
