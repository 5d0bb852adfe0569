package httpd

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
)

// apiIntroduction stands above the description of the API.
const apiIntroduction = `What nurture knows about leads, what it decided and why, and what operators may do.

Every call shows an API key: "Authorization: Bearer KEY". A key has scopes: metrics, read, operate, rules, people, admin. Read includes metrics; operate, rules and people include read; admin includes all. Each operation says which scope it needs.

What is refused is answered by a problem (RFC 9457) with a code that stays the same, and sentences in English or Japanese (Accept-Language, or lang=ja). A problem with Retry-After will pass by itself.

Lists are given by pages: limit says how many, the answer's Link header (rel="next") has the address of the next page. Answers have an ETag, and If-None-Match saves those that did not change. Calls that change something may show an Idempotency-Key: the same call under the same key is carried out once within a day, and is answered as the first was. Whatever is changed stands in the audit log.`

// tagTexts says what the parts of the API are about, in their order.
var tagTexts = [][2]string{
	{"leads", "Who the leads are, what they did, and what was decided about them."},
	{"events", "Handing in events, and those that could not be taken."},
	{"deliveries", "Messages that were given up."},
	{"toss-ups", "Hand-overs to sales, and what sales say to them."},
	{"figures", "Key figures, funnels, reports."},
	{"experiments", "What is tried, and what it shows."},
	{"pauses", "What stands still because somebody said so."},
	{"rules", "The rules in force."},
	{"keys", "Who may do what, and who did."},
	{"server", "How the server stands."},
}

// describe completes the document: what holds for every operation is said at every
// operation, so that tools that make clients know it.
func describe(doc *huma.OpenAPI) {
	doc.Info.Description = apiIntroduction
	doc.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	doc.Servers = []*huma.Server{{URL: "/", Description: "This server."}}
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key. Roles are its scopes."},
	}
	doc.Tags = nil
	for _, t := range tagTexts {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: t[0], Description: t[1]})
	}
	for _, op := range operationsOf(doc) {
		describeOperation(doc, op)
	}
}

// operationsOf are all operations, by the order of their parts, then by path.
func operationsOf(doc *huma.OpenAPI) []*huma.Operation {
	var list []*huma.Operation
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		item := doc.Paths[path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				list = append(list, op)
			}
		}
	}
	place := func(op *huma.Operation) int {
		return slices.IndexFunc(tagTexts, func(t [2]string) bool { return len(op.Tags) > 0 && t[0] == op.Tags[0] })
	}
	slices.SortStableFunc(list, func(a, b *huma.Operation) int { return place(a) - place(b) })
	return list
}

func describeOperation(doc *huma.OpenAPI, op *huma.Operation) {
	rule := ruleOf(op)
	op.Security = []map[string][]string{{"key": {rule.scope}}}
	op.Extensions = map[string]any{"x-scope": rule.scope}
	describeProblems(doc, op)
	if op.Method == http.MethodGet {
		describeReading(op, rule)
	} else if !rule.asks {
		describeChange(op)
	}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Accept-Language", In: "header", Description: "Language of the sentences in problems: en or ja.",
		Schema: &huma.Schema{Type: huma.TypeString}, Example: "ja",
	})
	exemplify(doc, op)
}

// describeReading tells how an answer is asked for by pages, and again.
func describeReading(op *huma.Operation, rule opRule) {
	ok := op.Responses["200"]
	if ok == nil {
		return
	}
	if ok.Headers == nil {
		ok.Headers = map[string]*huma.Header{}
	}
	text := &huma.Schema{Type: huma.TypeString}
	if rule.list != "" {
		number := func(name, doc string, least float64) {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &least},
			})
		}
		number("limit", "How many at most; absent: all.", 1)
		number("after", "What the page before ended with; see its Link header.", 0)
	}
	if rule.list != "" || slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "after" }) {
		ok.Headers["Link"] = &huma.Param{Description: `Address of the next page, with rel="next"; absent on the last one.`, Schema: text}
	}
	if _, streams := ok.Content["text/event-stream"]; streams {
		return
	}
	ok.Headers["ETag"] = &huma.Param{Description: "Changes when the answer does.", Schema: text}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "If-None-Match", In: "header", Description: "An ETag: the answer is 304 without a body while it would be the same.", Schema: text,
	})
	op.Responses["304"] = &huma.Response{Description: "The answer is still the one of this ETag."}
}

// describeChange tells how a change is asked for again.
func describeChange(op *huma.Operation) {
	most := onceKey
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Idempotency-Key", In: "header",
		Description: "Makes the call one that is carried out once: the same call under the same key gets the first one's answer for a day, with Idempotency-Replayed: true.",
		Schema:      &huma.Schema{Type: huma.TypeString, MaxLength: &most}, Example: "3f9a1c20-retry",
	})
}

// problemCodes are the codes that any operation may be refused with, by status.
var problemCodes = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "out_of_scope",
	http.StatusNotFound: "not_found", http.StatusConflict: "still_running", http.StatusUnprocessableEntity: "bad_request",
	http.StatusRequestEntityTooLarge: "too_large", http.StatusTooManyRequests: "overloaded", http.StatusNotImplemented: "not_implemented",
	http.StatusServiceUnavailable: "unavailable",
}

// problemDetails are sentences of the kind that a problem has, for the examples.
var problemDetails = map[int]string{
	http.StatusUnauthorized:       "an API key is needed: Authorization: Bearer KEY",
	http.StatusForbidden:          "the key may not do this; it needs the scope: " + access.Operate,
	http.StatusServiceUnavailable: "the server cannot answer at present, try again in a moment",
	http.StatusTooManyRequests:    "more is queued than may be, try again later",
}

func describeProblems(doc *huma.OpenAPI, op *huma.Operation) {
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable} {
		if op.Responses[strconv.Itoa(status)] == nil {
			op.Responses[strconv.Itoa(status)] = &huma.Response{}
		}
	}
	delete(op.Responses, "500") // the library's guess: what fails here is 503, and passes
	for text, response := range op.Responses {
		status, err := strconv.Atoi(text)
		if err != nil || status < 400 {
			continue
		}
		response.Description = http.StatusText(status)
		example := newProblem(status, problemCodes[status], problemDetails[status])
		response.Content = map[string]*huma.MediaType{"application/problem+json": {Schema: schema, Example: example}}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			response.Headers = map[string]*huma.Header{
				"Retry-After": {Description: "Seconds after which it may be tried again.", Schema: &huma.Schema{Type: huma.TypeInteger}},
			}
		}
	}
}

// exemplify gives what an operation takes and answers an example: the one that
// requestExamples has, or one that follows from the types.
func exemplify(doc *huma.OpenAPI, op *huma.Operation) {
	for _, p := range op.Parameters {
		if p.Example == nil && p.Schema != nil {
			p.Example = exampleParam(op, p)
		}
	}
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Content {
			if media.Example = requestExamples[op.OperationID]; media.Example == nil && media.Schema != nil {
				media.Example = exampleOf(doc, media.Schema, "", 0)
			}
		}
	}
	for status, response := range op.Responses {
		if media := response.Content["application/json"]; media != nil && strings.HasPrefix(status, "2") && media.Example == nil {
			media.Example = exampleOf(doc, media.Schema, "", 0)
		}
	}
}
