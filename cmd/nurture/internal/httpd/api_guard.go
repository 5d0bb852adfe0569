package httpd

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// scoped is the part of the API's way in that asks for the scope of an operation.
func (s *Server) scoped(ctx huma.Context, next func(huma.Context)) {
	need := ruleOf(ctx.Operation()).scope
	if c := callerIn(ctx.Context()); !c.may(need) {
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="nurture", error="insufficient_scope", scope="`+need+`"`)
		s.refuse(ctx, errScope(need))
		return
	}
	next(ctx)
}

// refuse answers an operation with a problem.
func (s *Server) refuse(ctx huma.Context, p *Problem) {
	if p.after > 0 {
		ctx.SetHeader("Retry-After", retryAfter(p.after))
	}
	ctx.SetHeader("Content-Type", "application/problem+json")
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(s.told(p, operationOf(ctx)).in(apiLang(ctx.Query("lang"), ctx.Header("Accept-Language")))) // the client has gone
}

// finished is what every answer passes last: problems are told in the language that
// was asked for, lists are cut to the page that was asked for, and an answer that is
// a page names the next one in a Link header.
func (s *Server) finished(ctx huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*Problem); ok {
		return s.told(p, operationOf(ctx)).in(apiLang(ctx.Query("lang"), ctx.Header("Accept-Language"))), nil
	}
	op := ctx.Operation()
	if op == nil || op.Method != http.MethodGet {
		return v, nil
	}
	next := ""
	if list := ruleOf(op).list; list != "" {
		var err error
		if v, next, err = cutPage(v, list, ctx.Query("limit"), ctx.Query("after")); err != nil {
			return v, err
		}
	} else if next = nextOf(v); next == "" {
		return v, nil
	}
	if next != "" {
		ctx.AppendHeader("Link", nextLink(ctx.URL(), next))
	}
	return v, nil
}

// operationOf is the operation that is under way, as the API's document names it.
func operationOf(ctx huma.Context) string {
	if op := ctx.Operation(); op != nil {
		return op.OperationID
	}
	return "api"
}

// nextLink is the address of the next page, relative to the server.
func nextLink(u url.URL, next string) string {
	q := u.Query()
	q.Set("after", next)
	return "<" + u.EscapedPath() + "?" + q.Encode() + `>; rel="next"`
}

// nextOf is the place of the next page that an answer tells itself.
func nextOf(v any) string {
	r := reflect.Indirect(reflect.ValueOf(v))
	if r.Kind() != reflect.Struct {
		return ""
	}
	switch f := r.FieldByName("Next"); f.Kind() {
	case reflect.String:
		return f.String()
	case reflect.Uint64:
		if f.Uint() > 0 {
			return numberText(f.Uint())
		}
	}
	return ""
}

func numberText(n uint64) string { return strconv.FormatUint(n, 10) }

// cutPage gives the part of a short list that limit and after ask for: after is how
// many come before it. Such lists are as long as the workspace makes them; without a
// limit all of it is given. Bad numbers were refused before the operation ran.
func cutPage(v any, list, limitText, afterText string) (cut any, next string, err error) {
	if limitText == "" && afterText == "" {
		return v, "", nil
	}
	whole := reflect.Indirect(reflect.ValueOf(v))
	rows := whole
	if list != "*" {
		copied := reflect.New(whole.Type()).Elem()
		copied.Set(whole)
		whole, rows = copied, copied.FieldByName(list)
	}
	after, _ := strconv.Atoi(afterText)
	limit, err := strconv.Atoi(limitText)
	if err != nil {
		limit = rows.Len()
	}
	from := min(max(after, 0), rows.Len())
	to := min(from+max(limit, 0), rows.Len())
	if to < rows.Len() {
		next = strconv.Itoa(to)
	}
	part := rows.Slice(from, to)
	if list == "*" {
		return part.Interface(), next, nil
	}
	rows.Set(part)
	return whole.Interface(), next, nil
}

// paged refuses a limit or a place that is none, for the lists that cutPage cuts.
func (s *Server) paged(ctx huma.Context, next func(huma.Context)) {
	if ruleOf(ctx.Operation()).list == "" {
		next(ctx)
		return
	}
	for _, name := range []string{"limit", "after"} {
		text := ctx.Query(name)
		n, err := strconv.Atoi(text)
		if text != "" && (err != nil || n < 0 || n > 1_000_000 || name == "limit" && (n == 0 || n > maxPage)) {
			s.refuse(ctx, newProblem(http.StatusBadRequest, "bad_page", name+" is a whole number; limit is from 1 to 1000, and after what the page before ended with"))
			return
		}
	}
	next(ctx)
}

const maxPage = 1000

// apiLang is the language of the API's sentences: what the address asks for, else
// the first of ours that the header names, else English, which programs expect.
func apiLang(asked, accepted string) lang {
	if l := lang(asked); l == japanese || l == english {
		return l
	}
	for _, part := range strings.Split(accepted, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l := lang(primary); l == japanese || l == english {
			return l
		}
	}
	return english
}
