package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/seed-456efde2/nurture/dsl"
)

// SARIF 2.1.0, as far as it says something about a workspace. Columns count UTF-16
// code units, as editors and code hosts do.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool             `json:"tool"`
		Language    string                `json:"language"`
		ColumnKind  string                `json:"columnKind"`
		Bases       map[string]sarifPlace `json:"originalUriBaseIds,omitempty"`
		Invocations []sarifInvocation     `json:"invocations"`
		Results     []sarifResult         `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string         `json:"id"`
		Short   sarifText      `json:"shortDescription"`
		Full    sarifText      `json:"fullDescription"`
		Help    sarifText      `json:"help"`
		Default map[string]any `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
		ExitCode   int  `json:"exitCode"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int            `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifPlace  `json:"artifactLocation"`
		Region   sarifRegion `json:"region"`
	}
	sarifPlace struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn"`
		EndLine     int        `json:"endLine"`
		EndColumn   int        `json:"endColumn"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifPlace         `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

// tellSARIF writes a check's result as SARIF.
func (c *cli) tellSARIF(dir string, w *workspace, problems dsl.Diagnostics) error {
	s := sarifWriter{dir: filepath.ToSlash(filepath.Clean(dir)), problems: problems}
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	code := exitFine
	if w == nil {
		code = exitInvalid
	}
	if err := enc.Encode(s.log(code)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// sarifWriter turns problems into a log.
type sarifWriter struct {
	dir      string
	problems dsl.Diagnostics
}

func (s *sarifWriter) log(code int) sarifLog {
	run := sarifRun{
		Tool:     sarifTool{sarifDriver{Name: "nurture", Version: version(), Rules: s.rules()}},
		Language: s.problems.Language, ColumnKind: "utf16CodeUnits", Bases: s.bases(),
		Invocations: []sarifInvocation{{Successful: true, ExitCode: code}}, Results: []sarifResult{},
	}
	for i := range s.problems.Items {
		run.Results = append(run.Results, s.result(&s.problems.Items[i], run.Tool.Driver.Rules))
	}
	return sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}
}

// rules are the codes that occur, each with what it means in both languages.
func (s *sarifWriter) rules() []sarifRule {
	rules := []sarifRule{}
	for _, d := range s.problems.Items {
		if slices.ContainsFunc(rules, func(r sarifRule) bool { return r.ID == d.Code }) {
			continue
		}
		en, _ := dsl.Explain(d.Code, "en")
		ja, _ := dsl.Explain(d.Code, "ja")
		own := en
		if s.problems.Language == "ja" {
			own = ja
		}
		rules = append(rules, sarifRule{
			ID: d.Code, Short: sarifText{Text: orCode(own.Summary, d.Code)}, Full: sarifText{Text: orCode(own.Detail, d.Code)},
			Help: sarifText{
				Text:     fmt.Sprintf("%s\n%s\n%s\n\n%s\n%s\n%s", en.Summary, en.Detail, en.Help, ja.Summary, ja.Detail, ja.Help),
				Markdown: pageOf(d.Code),
			},
			Default: map[string]any{"level": levelOf(d.Severity)},
		})
	}
	slices.SortFunc(rules, func(a, b sarifRule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// pageOf is a code's page in both languages.
func pageOf(code string) string {
	en, _ := dsl.CodePage(code, "en")
	ja, _ := dsl.CodePage(code, "ja")
	return strings.TrimSpace(en) + "\n\n---\n\n" + strings.TrimSpace(ja)
}

// orCode is a text, or the code where there is none: SARIF wants one.
func orCode(text, code string) string {
	if text == "" {
		return code
	}
	return text
}

func levelOf(s dsl.Severity) string {
	switch s {
	case dsl.Error:
		return "error"
	case dsl.Warning:
		return "warning"
	}
	return "note"
}

func (s *sarifWriter) result(d *dsl.Diagnostic, rules []sarifRule) sarifResult {
	lang := s.problems.Language
	message := d.Message(lang)
	if help := d.Help(lang); d.Suggest != "" {
		message += ". " + words(lang, "Did you mean "+d.Suggest+"?", "もしかして: "+d.Suggest)
	} else if help != "" {
		message += ". " + help
	}
	if lang == "ja" {
		message = strings.Replace(message, ". ", "。", 1)
	}
	r := sarifResult{
		RuleID: d.Code, Level: levelOf(d.Severity), Message: sarifText{Text: message},
		RuleIndex: slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == d.Code }),
	}
	if !d.Range.IsZero() {
		at := sarifLocation{Physical: s.physical(d.Range)}
		if len(d.In) > 0 {
			at.Logical = []sarifLogical{{strings.Join(d.In, "/")}}
		}
		r.Locations = []sarifLocation{at}
	}
	if !d.Other.IsZero() {
		r.Related = []sarifLocation{{ID: 1, Physical: s.physical(d.Other), Message: &sarifText{Text: words(lang, "see also", "もうひとつの場所")}}}
	}
	if d.Fix != "" && !d.Range.IsZero() {
		at := s.physical(d.Range)
		at.Region.Snippet = nil
		r.Fixes = []sarifFix{{
			Description: sarifText{Text: words(lang, "write "+d.Fix, d.Fix+" と書く")},
			Changes:     []sarifChange{{at.Artifact, []sarifReplacement{{at.Region, sarifText{Text: d.Fix}}}}},
		}}
	}
	return r
}

const workspaceBase = "WORKSPACE"

// bases says where the workspace lies, where it was named from the root.
func (s *sarifWriter) bases() map[string]sarifPlace {
	if !filepath.IsAbs(s.dir) {
		return nil
	}
	place := url.URL{Scheme: "file", Path: strings.TrimSuffix(s.dir, "/") + "/"}
	return map[string]sarifPlace{workspaceBase: {URI: place.String()}}
}

// physical is a place in a file: below the folder that the verb was started in, as
// code hosts want it.
func (s *sarifWriter) physical(at dsl.Range) sarifPhysical {
	file, base := at.File, workspaceBase
	if !filepath.IsAbs(s.dir) {
		file, base = filepath.ToSlash(filepath.Join(s.dir, at.File)), ""
	}
	uri := url.URL{Path: file}
	return sarifPhysical{sarifPlace{strings.TrimPrefix(uri.String(), "./"), base}, s.region(at)}
}

// region is a range in UTF-16 code units, its end behind the last one.
func (s *sarifWriter) region(at dsl.Range) sarifRegion {
	src := s.problems.Sources[at.File]
	region := sarifRegion{
		StartLine: max(at.Start.Line, 1), StartColumn: column(src, at.Start.Byte),
		EndLine: max(at.End.Line, at.Start.Line, 1), EndColumn: column(src, at.End.Byte),
	}
	if region.EndLine == region.StartLine {
		region.EndColumn = max(region.EndColumn, region.StartColumn)
	}
	if at.Start.Byte < at.End.Byte && at.End.Byte <= len(src) {
		region.Snippet = &sarifText{Text: strings.ToValidUTF8(string(src[at.Start.Byte:at.End.Byte]), "�")}
	}
	return region
}

// column counts from 1 the UTF-16 code units between the beginning of its line and
// a byte. A byte order mark is no column.
func column(src []byte, at int) int {
	if at > len(src) {
		return 1
	}
	line := src[bytes.LastIndexByte(src[:at], '\n')+1 : at]
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	return len(utf16.Encode([]rune(string(line)))) + 1
}
