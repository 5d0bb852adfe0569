package httpd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// Identities says who is who. The runner's methods.
type Identities interface {
	Unmerge(ctx context.Context, id engine.LeadID) error
	Settle(ctx context.Context, from, into engine.LeadID, same bool) error
}

// ConflictDoc is two leads with userIds of their own that have a name in common.
type ConflictDoc struct {
	Lead      string    `json:"lead" doc:"Internal id of the lead that had the name first."`
	User      string    `json:"user,omitempty"`
	Other     string    `json:"other" doc:"Internal id of the other lead."`
	OtherUser string    `json:"otherUser,omitempty"`
	Attribute string    `json:"attribute" doc:"Attribute of which both have the same value."`
	Since     time.Time `json:"since"`
	Settled   bool      `json:"settled" doc:"Somebody has said that they are two people."`
}

// ConflictList is a page of conflicts.
type ConflictList struct {
	Conflicts []ConflictDoc `json:"conflicts"`
}

// ConflictVerdict is what a person says of two leads.
type ConflictVerdict struct {
	Lead  string `json:"lead" minLength:"1" maxLength:"512" doc:"The lead that stays: any name of it."`
	Other string `json:"other" minLength:"1" maxLength:"512" doc:"The other lead. If they are one, it becomes a part of the first."`
	Same  bool   `json:"same" doc:"They are one person; false: they are two, and nobody is asked again."`
}

// IdentityResult is which lead a call was about.
type IdentityResult struct {
	Lead string `json:"lead" doc:"Internal id of the lead."`
	Of   string `json:"of,omitempty" doc:"Internal id of the lead that it was, or now is, a part of."`
}

func (s *Server) identityOperations(api huma.API) {
	tags := []string{"leads"}
	huma.Register(api, huma.Operation{
		OperationID: "unmerge-lead", Method: http.MethodPost, Path: "/api/v1/leads/unmerge", Tags: tags,
		Summary:     "Let a lead that was merged into another be one of its own again",
		Description: "Both fold their own facts anew; what was sent to the part while they were one goes with it where it names the part. What was done for either stays done.",
		Errors:      []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body LeadName }) (*answer[IdentityResult], error) {
		return answerOf(s.unmergeLead(ctx, in.Body.ID))
	})
	huma.Register(api, huma.Operation{
		OperationID: "list-conflicts", Method: http.MethodGet, Path: "/api/v1/conflicts", Tags: tags,
		Summary:     "Leads with different userIds that have a name in common",
		Description: "They are never merged by themselves: a person says whether they are one.",
		Errors:      []int{http.StatusUnauthorized},
	}, func(_ context.Context, in *struct {
		Paging
		All bool `query:"all" doc:"Those too of which somebody has said that they are two people."`
	},
	) (*answer[ConflictList], error) {
		return answerOf(s.conflicts(in.Limit, in.All))
	})
	huma.Register(api, huma.Operation{
		OperationID: "settle-conflict", Method: http.MethodPost, Path: "/api/v1/conflicts/settle", Tags: tags,
		Summary: "Say whether two leads are one person",
		Errors:  []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct{ Body ConflictVerdict }) (*answer[IdentityResult], error) {
		return answerOf(s.settleConflict(ctx, &in.Body))
	})
}

var (
	errNoIdentities = newProblem(http.StatusNotImplemented, "no_identities", "this server settles nothing about who is who")
	errNotMerged    = newProblem(http.StatusConflict, "not_merged", "that lead is not a part of another")
	errSameLead     = newProblem(http.StatusConflict, "same_lead", "the two are one lead already")
	errNoConflict   = newProblem(http.StatusConflict, "no_conflict", "the two are not in conflict; GET /api/v1/conflicts lists who is")
)

// identityError is the runner's error as the API tells it.
func identityError(err error) error {
	switch {
	case errors.Is(err, runner.ErrNotMerged):
		return errNotMerged
	case errors.Is(err, runner.ErrSameLead):
		return errSameLead
	case errors.Is(err, runner.ErrNoConflict):
		return errNoConflict
	case errors.Is(err, runner.ErrNoLead):
		return errNoLead
	}
	return err
}

// partLead finds the lead of a name as the part that it is, not the whole: an id, a
// userId or an anonymousId under which a lead was first seen.
func (s *Server) partLead(name string) (engine.LeadID, error) {
	for _, kind := range []engine.IdentifierKind{engine.ByUser, engine.ByVisitor} {
		id := engine.Identifier{Kind: kind, Value: name}.Lead()
		var l engine.Lead
		if found, err := s.options.People.Lead(id, &l); err != nil || found && !l.Into.IsZero() {
			return id, err
		}
	}
	return s.findLead(name)
}

func (s *Server) unmergeLead(ctx context.Context, name string) (IdentityResult, error) {
	if s.options.Identities == nil {
		return IdentityResult{}, errNoIdentities
	}
	id, err := s.partLead(name)
	if err != nil {
		return IdentityResult{}, err
	}
	var l engine.Lead
	if _, err := s.options.People.Lead(id, &l); err != nil {
		return IdentityResult{}, fmt.Errorf("read lead: %w", err)
	}
	auditTarget(ctx, id.String())
	if err := s.options.Identities.Unmerge(ctx, id); err != nil {
		return IdentityResult{}, identityError(err)
	}
	return IdentityResult{Lead: id.String(), Of: l.Into.String()}, nil
}

func (s *Server) settleConflict(ctx context.Context, v *ConflictVerdict) (IdentityResult, error) {
	if s.options.Identities == nil {
		return IdentityResult{}, errNoIdentities
	}
	into, err := s.findLead(v.Lead)
	if err != nil {
		return IdentityResult{}, err
	}
	from, err := s.findLead(v.Other)
	if err != nil {
		return IdentityResult{}, err
	}
	auditTarget(ctx, from.String()+" "+into.String())
	if err := s.options.Identities.Settle(ctx, from, into, v.Same); err != nil {
		return IdentityResult{}, identityError(err)
	}
	s.walks.forget("conflicts")
	if !v.Same {
		return IdentityResult{Lead: from.String()}, nil
	}
	return IdentityResult{Lead: from.String(), Of: into.String()}, nil
}

// conflicts are those that a walk through all leads finds.
func (s *Server) conflicts(limit int, all bool) (ConflictList, error) {
	type question struct {
		limit int
		all   bool
	}
	return walked(s, "conflicts", question{limit, all}, func() (ConflictList, error) { return s.findConflicts(limit, all) })
}

// findConflicts walks all leads; a pair is told once.
func (s *Server) findConflicts(limit int, all bool) (ConflictList, error) {
	list := ConflictList{Conflicts: []ConflictDoc{}}
	told := map[[2]engine.LeadID]bool{}
	for part := range s.options.People.Partitions() {
		err := s.options.People.Leads(part, engine.LeadID{}, 1<<30, func(id engine.LeadID, row []byte) error {
			if engine.RowEntity(row) != engine.NoEntity {
				return nil
			}
			l := engine.Lead{ID: id}
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			for _, k := range l.Conflicts {
				pair := [2]engine.LeadID{id, k.Other}
				slices.SortFunc(pair[:], func(a, b engine.LeadID) int { return slices.Compare(a[:], b[:]) })
				if told[pair] || k.Settled && !all {
					continue
				}
				told[pair] = true
				var other engine.Lead
				if _, err := s.options.People.Lead(k.Other, &other); err != nil {
					return err
				}
				if !other.Into.IsZero() {
					continue // it has become a part of somebody since
				}
				list.Conflicts = append(list.Conflicts, ConflictDoc{
					Lead: id.String(), User: l.User, Other: k.Other.String(), OtherUser: other.User,
					Attribute: k.Attribute, Since: k.At.In(time.UTC), Settled: k.Settled,
				})
				if len(list.Conflicts) == limit {
					return errEnough
				}
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return list, fmt.Errorf("list conflicts: %w", err)
		}
	}
	return list, nil
}
