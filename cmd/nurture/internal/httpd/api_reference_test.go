package httpd

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Everything that the reference says is there in Japanese too.
func TestReferenceInJapanese(t *testing.T) {
	t.Parallel()
	want := strings.Split(apiIntroduction, "\n\n")
	for _, tag := range tagTexts {
		want = append(want, tag[1])
	}
	doc := new(Server).newAPI(http.NewServeMux()).OpenAPI()
	for _, op := range operationsOf(doc) {
		if op.Summary == "" || len(op.Tags) != 1 || !slices.ContainsFunc(tagTexts, func(t [2]string) bool { return t[0] == op.Tags[0] }) {
			t.Errorf("%s: it needs a summary and one of the tags of tagTexts, not %q", op.OperationID, op.Tags)
		}
		want = append(want, op.Summary, op.Description)
		for _, p := range op.Parameters {
			if !slices.Contains(sharedParams, p.Name) {
				want = append(want, p.Description)
			}
		}
		if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
			continue
		}
		s := op.RequestBody.Content["application/json"].Schema
		if s != nil && s.Ref != "" {
			s = doc.Components.Schemas.SchemaFromRef(s.Ref)
		}
		for _, f := range s.Properties {
			want = append(want, f.Description)
		}
	}
	slices.Sort(want)
	for _, en := range slices.Compact(want) {
		if en != "" && apiJa[en] == "" {
			t.Errorf("not in apiJa: %q", en)
		}
	}
}
