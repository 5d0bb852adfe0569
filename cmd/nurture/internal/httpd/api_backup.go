package httpd

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Copier copies all data while the server works.
type Copier interface {
	Backup(w io.Writer) error
}

func (s *Server) backupOperation(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "back-up", Method: http.MethodGet, Path: "/api/v1/backup", Tags: []string{"server"},
		Summary:     "All data, as of now",
		Description: "Everything that the server keeps, people's data among it, in a form that nurture restore reads. The server works on meanwhile. The answer is a stream: where it ends early, the connection is cut.",
		Errors:      []int{http.StatusUnauthorized},
		Responses:   map[string]*huma.Response{"200": {Description: "The backup.", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}},
	}, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		if s.options.Copier == nil {
			return nil, newProblem(http.StatusNotImplemented, "no_backup", "this server makes no backups")
		}
		return &huma.StreamResponse{Body: s.streamBackup}, nil
	})
}

// streamBackup writes a backup. When it cannot be ended well the connection is cut;
// the backup's own end mark tells as well.
func (s *Server) streamBackup(ctx huma.Context) {
	w, ok := ctx.BodyWriter().(http.ResponseWriter)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="nurture.backup"`)
	patient := &patientWriter{w: w, now: time.Now, control: http.NewResponseController(w)}
	if err := s.options.Copier.Backup(patient); err != nil {
		if !errors.Is(err, context.Canceled) && ctx.Context().Err() == nil {
			s.log.Warn("a backup ended early", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
}
