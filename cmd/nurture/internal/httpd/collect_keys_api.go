package httpd

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
)

// KeyDoc is a key without its secret.
type KeyDoc struct {
	ID      string     `json:"id"`
	Kind    string     `json:"kind" enum:"write,api"`
	Name    string     `json:"name" doc:"Of a write key: the source of its events. Of an API key: whose it is, as the audit log tells it."`
	Scopes  []string   `json:"scopes,omitempty" doc:"Of a write key: the events that it may send, none for all. Of an API key: what it lets do."`
	Rate    float64    `json:"eventsPerSecond,omitempty"`
	Note    string     `json:"note,omitempty"`
	Created *time.Time `json:"created"`
	Expires *time.Time `json:"expires,omitempty"`
	Revoked *time.Time `json:"revoked,omitempty"`
	Next    string     `json:"replacedBy,omitempty"`
	Valid   bool       `json:"valid"`
	Secret  string     `json:"secret,omitempty" doc:"Told once, when the key is made."`
}

// KeyList is all keys.
type KeyList struct {
	Keys []KeyDoc `json:"keys"`
}

// KeyOrder is what a key is to be.
type KeyOrder struct {
	Kind    string   `json:"kind" enum:"write,api" doc:"write: it sends events. api: it uses the API and the console."`
	Name    string   `json:"name" minLength:"1" maxLength:"128" pattern:"^[^:]+$" doc:"Of a write key: the source of its events. Of an API key: whose it is."`
	Scopes  []string `json:"scopes,omitempty" maxItems:"256" doc:"Of a write key: the events that it may send, none for all; a call other than track is named by its type. Of an API key: metrics, read, operate, rules, people, admin, at least one."`
	Rate    float64  `json:"eventsPerSecond,omitempty" minimum:"0" doc:"Of a write key: how many events it may send."`
	Note    string   `json:"note,omitempty" maxLength:"512" doc:"What it is for."`
	Seconds int64    `json:"expiresInSeconds,omitempty" minimum:"0" maximum:"3153600000" doc:"When it ends by itself; 0: never."`
}

// DocOfKey is a key as the API tells of it.
func DocOfKey(k access.Key, secret string, now time.Time) KeyDoc {
	when := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return KeyDoc{
		ID: k.ID, Kind: k.Kind, Name: k.Name, Scopes: k.Scopes, Rate: k.Rate, Note: k.Note, Created: when(k.Created),
		Expires: when(k.Expires), Revoked: when(k.Revoked), Next: k.Next, Valid: k.Valid(now), Secret: secret,
	}
}

var errNoBook = newProblem(http.StatusNotImplemented, "no_keys", "this server keeps no keys of its own")

func (s *Server) keyOperations(api huma.API) {
	tags := []string{"keys"}
	errs := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/api/v1/keys", Tags: tags,
		Summary: "The keys that were made here, without their secrets", Errors: errs[1:2],
	}, func(context.Context, *struct{}) (*answer[KeyList], error) {
		list := KeyList{Keys: []KeyDoc{}}
		if s.options.Book != nil {
			for _, k := range s.options.Book.Keys("") {
				list.Keys = append(list.Keys, DocOfKey(k, "", s.now()))
			}
		}
		return answerOf(list, nil)
	})
	huma.Register(api, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/api/v1/keys", Tags: tags,
		Summary:     "Make a key",
		Description: "The answer has the secret, which is told this once: only its hash is kept.",
		Errors:      errs,
	}, func(ctx context.Context, in *struct{ Body KeyOrder }) (*answer[KeyDoc], error) {
		auditTarget(ctx, in.Body.Kind+" "+in.Body.Name)
		return answerOf(s.keyMade(func(b *access.Book) (access.Key, string, error) {
			k := access.Key{Kind: in.Body.Kind, Name: in.Body.Name, Scopes: in.Body.Scopes, Rate: in.Body.Rate, Note: in.Body.Note}
			if in.Body.Seconds > 0 {
				k.Expires = s.now().Add(time.Duration(in.Body.Seconds) * time.Second).UTC()
			}
			return b.Create(k, s.now())
		}))
	})
	huma.Register(api, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: "/api/v1/keys/{id}/rotate", Tags: tags,
		Summary: "Make a key that takes the place of another; both hold for a while", Errors: errs,
	}, func(_ context.Context, in *struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Grace int64 `json:"graceSeconds,omitempty" minimum:"0" maximum:"31536000" doc:"How long the old key still holds."`
		}
	},
	) (*answer[KeyDoc], error) {
		return answerOf(s.keyMade(func(b *access.Book) (access.Key, string, error) {
			return b.Rotate(in.ID, time.Duration(in.Body.Grace)*time.Second, s.now())
		}))
	})
	huma.Register(api, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/api/v1/keys/{id}", Tags: tags,
		Summary: "Withdraw a key at once", Errors: errs,
	}, func(_ context.Context, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*answer[KeyDoc], error) {
		return answerOf(s.keyMade(func(b *access.Book) (access.Key, string, error) {
			k, err := b.Revoke(in.ID, s.now())
			return k, "", err
		}))
	})
}

// keyMade does something to the book and tells of the key.
func (s *Server) keyMade(do func(*access.Book) (access.Key, string, error)) (KeyDoc, error) {
	if s.options.Book == nil {
		return KeyDoc{}, errNoBook
	}
	k, secret, err := do(s.options.Book)
	switch {
	case errors.Is(err, access.ErrNoKey):
		return KeyDoc{}, newProblem(http.StatusNotFound, "no_key", "there is no key of this id")
	case errors.Is(err, access.ErrGone):
		return KeyDoc{}, newProblem(http.StatusBadRequest, "key_gone", "the key does not hold any more: make a new one")
	case errors.Is(err, access.ErrScope):
		return KeyDoc{}, newProblem(http.StatusBadRequest, "bad_scopes", err.Error())
	case errors.Is(err, access.ErrTooMany):
		return KeyDoc{}, newProblem(http.StatusBadRequest, "too_many_keys", err.Error())
	case err != nil:
		return KeyDoc{}, err
	}
	return DocOfKey(k, secret, s.now()), nil
}
