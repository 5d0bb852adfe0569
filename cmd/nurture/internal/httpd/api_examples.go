package httpd

import (
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

type object = map[string]any

// requestExamples are bodies as somebody would send them.
var requestExamples = map[string]any{
	"find-lead": object{"id": "user-42"},
	"send-events": object{
		"type": "track", "messageId": "booth-2026-10-06-17", "userId": "user-42", "event": "Document Requested",
		"timestamp": "2026-10-06T09:30:00+09:00", "properties": object{"asset": "guide"},
	},
	"pause":               object{"scope": "workflow", "name": "document_nurture", "why": "the price list is wrong"},
	"apply-arm":           object{"name": "document_nurture/first/subject", "arm": "question"},
	"answer-toss-up":      object{"offer": "3f9a1c205e7d4b68a1c2d3e4f5061728", "answer": "rejected", "reason": "no_budget"},
	"create-key":          object{"kind": "api", "name": "grafana", "scopes": []any{"metrics"}, "note": "dashboards", "expiresInSeconds": 31536000},
	"rotate-key":          object{"graceSeconds": 604800},
	"redrive-bad-events":  object{"all": true, "source": "web"},
	"discard-bad-events":  object{"seqs": []any{17, 18}},
	"retry-dead-causes":   object{"channel": "mail", "code": "greylisted"},
	"discard-dead-causes": object{"channel": "mail", "code": "no_such_mailbox"},
}

// exampleByName are values of fields that mean the same wherever they stand.
var exampleByName = map[string]any{
	"id": "5e7d4b68a1c2d3e43f9a1c2050617281", "lead": "5e7d4b68a1c2d3e43f9a1c2050617281", "key": "3f9a1c205e7d4b68a1c2d3e4f5061728",
	"name": "hot_lead", "label": "Hot lead", "userId": "user-42", "anonymousId": "v-7f3a", "messageId": "booth-2026-10-06-17",
	"workflow": "document_nurture", "step": "first", "toss_up": "hot_lead", "tossUp": "hot_lead", "channel": "mail", "plugin": "email",
	"stage": "mql", "event": "document_requested", "source": "web", "code": "no_such_mailbox", "detail": "550 no such mailbox",
	"digest": "3f2a9c", "revision": 42, "number": 42, "owner": "east", "reason": "no_budget", "version": "1.2.3", "author": "ops",
	"who": "ops", "note": "dashboards", "segment": "target_account", "score": 82, "points": 20, "why": "by hand", "secret": "nurture_api_…",
}

// exampleParam is a value for a parameter.
func exampleParam(op *huma.Operation, p *huma.Param) any {
	if p.In == "header" || p.Name == "after" {
		return nil
	}
	switch {
	case p.Name == "id" && strings.HasPrefix(op.Path, "/api/v1/keys"):
		return "3f9a1c20"
	case p.Name == "event":
		return "inquired"
	case p.Name == "name" && strings.HasPrefix(op.Path, "/api/v1/kpis"):
		return "toss_up_rate"
	case p.Name == "name" && strings.HasPrefix(op.Path, "/api/v1/funnels"):
		return "inbound"
	case p.In == "path" || p.Schema.Type != huma.TypeString:
		return exampleOf(nil, p.Schema, p.Name, 0)
	case len(p.Schema.Enum) > 0:
		return p.Schema.Enum[0]
	}
	return nil
}

// exampleDepth bounds examples of types that hold themselves.
const exampleDepth = 6

// exampleOf makes a value that fits a schema.
func exampleOf(doc *huma.OpenAPI, s *huma.Schema, name string, depth int) any {
	if s == nil || depth > exampleDepth {
		return nil
	}
	if s.Ref != "" && doc != nil {
		return exampleOf(doc, doc.Components.Schemas.SchemaFromRef(s.Ref), name, depth)
	}
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Default != nil:
		return s.Default
	}
	switch s.Type {
	case huma.TypeObject:
		return exampleObject(doc, s, depth)
	case huma.TypeArray:
		if one := exampleOf(doc, s.Items, strings.TrimSuffix(name, "s"), depth+1); one != nil {
			return []any{one}
		}
		return []any{}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger, huma.TypeNumber:
		return exampleNumber(s, name)
	case huma.TypeString:
		return exampleText(s, name)
	}
	return nil
}

func exampleObject(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if v := exampleOf(doc, s.Properties[name], name, depth+1); v != nil {
			out[name] = v
		}
	}
	if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
		if v := exampleOf(doc, values, "", depth+1); v != nil {
			out["nurture"] = v
		}
	}
	return out
}

func exampleNumber(s *huma.Schema, name string) any {
	if v, ok := exampleByName[name].(int); ok {
		return v
	}
	if s.Type == huma.TypeNumber {
		if s.Maximum != nil {
			return *s.Maximum
		}
		return 0.25
	}
	if s.Minimum != nil && *s.Minimum > 12 {
		return *s.Minimum
	}
	return 12
}

func exampleText(s *huma.Schema, name string) any {
	if s.Format == "date-time" {
		return "2026-10-06T09:30:00+09:00"
	}
	if v, ok := exampleByName[name].(string); ok {
		return v
	}
	return "…"
}
