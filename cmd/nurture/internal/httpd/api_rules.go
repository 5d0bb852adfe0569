package httpd

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
)

// opRule is what holds for an operation of the API beside what it says itself.
type opRule struct {
	scope string
	// asks: it changes nothing though it is a POST, because what it asks must not
	// stand in an address.
	asks bool
	// facts: what it changes are facts, and the journals tell them better than the
	// audit log would.
	facts bool
	// told: it stands in the audit log though it changes nothing.
	told bool
	// list is the field of the answer that is a list which is given by pages when
	// somebody asks for them; "*" is the answer itself. Lists that can be long have
	// pages of their own.
	list string
}

// opRules are the rules of all operations, by their id: each needs the least scope
// that makes sense. An operation that is not here needs admin, and a test tells.
var opRules = map[string]opRule{
	"get-lead":   {scope: access.People},
	"find-lead":  {scope: access.People, asks: true},
	"list-leads": {scope: access.People},

	"explain-lead":   {scope: access.People, asks: true},
	"list-decisions": {scope: access.People, asks: true},

	"unmerge-lead":     {scope: access.People},
	"list-conflicts":   {scope: access.People},
	"settle-conflict":  {scope: access.People},
	"list-facts":       {scope: access.People, asks: true},
	"correct-fact":     {scope: access.People},
	"correct-facts":    {scope: access.People},
	"forget-lead":      {scope: access.People},
	"list-forgotten":   {scope: access.People, list: "Leads"},
	"export-lead":      {scope: access.People, asks: true, told: true},
	"import-rows":      {scope: access.People, facts: true},
	"export-leads":     {scope: access.People, told: true},
	"export-events":    {scope: access.People, told: true},
	"export-decisions": {scope: access.People, told: true},
	"export-kpis":      {scope: access.Read},
	"export-consents":  {scope: access.People, told: true},

	"send-events":        {scope: access.People, facts: true},
	"list-bad-events":    {scope: access.Operate},
	"count-bad-events":   {scope: access.Read, list: "Counts"},
	"redrive-bad-events": {scope: access.Operate},
	"discard-bad-events": {scope: access.Operate},

	"list-dead":           {scope: access.Operate},
	"list-dead-causes":    {scope: access.Operate, list: "Causes"},
	"retry-dead":          {scope: access.Operate},
	"discard-dead":        {scope: access.Operate},
	"retry-dead-causes":   {scope: access.Operate},
	"discard-dead-causes": {scope: access.Operate},

	"list-pauses": {scope: access.Read, list: "Pauses"},
	"pause":       {scope: access.Operate},
	"resume":      {scope: access.Operate},

	"list-toss-ups":  {scope: access.Read},
	"answer-toss-up": {scope: access.Operate},

	"list-experiments": {scope: access.Read, list: "Experiments"},
	"apply-arm":        {scope: access.Rules},

	"list-kpis":       {scope: access.Read, list: "*"},
	"get-kpi":         {scope: access.Read},
	"list-funnels":    {scope: access.Read, list: "Funnels"},
	"get-funnel":      {scope: access.Read},
	"get-lifecycle":   {scope: access.Read},
	"get-attribution": {scope: access.Read},
	"get-review":      {scope: access.Read},

	"back-up":        {scope: access.Admin, told: true},
	"status":         {scope: access.Read},
	"live":           {scope: access.Read},
	"list-revisions": {scope: access.Read, list: "*"},
	"reload":         {scope: access.Rules},
	"plan":           {scope: access.Rules, asks: true},
	"replay":         {scope: access.Rules, asks: true},
	"learn":          {scope: access.Rules, asks: true},
	"apply-plan":     {scope: access.Rules},
	"rollback":       {scope: access.Rules},
	"diff-revisions": {scope: access.Read},

	"get-rollout":     {scope: access.Read},
	"promote-rollout": {scope: access.Rules},
	"abort-rollout":   {scope: access.Rules},
	"pause-rollout":   {scope: access.Rules},
	"resume-rollout":  {scope: access.Rules},

	"get-revision-sources": {scope: access.Rules},

	"verify-figures":    {scope: access.Read},
	"list-keys":         {scope: access.Admin, list: "Keys"},
	"create-key":        {scope: access.Admin},
	"rotate-key":        {scope: access.Admin},
	"revoke-key":        {scope: access.Admin},
	"list-audit":        {scope: access.Admin},
	"who-am-i":          {scope: access.Metrics},
	"create-login-link": {scope: access.Read},
}

// ruleOf is the rule of an operation.
func ruleOf(op *huma.Operation) opRule {
	if rule, ok := opRules[op.OperationID]; ok {
		return rule
	}
	return opRule{scope: access.Admin}
}

// changes reports an operation that belongs into the audit log.
func (o opRule) changes(method string) bool {
	switch {
	case o.told:
		return true
	case o.asks || o.facts:
		return false
	}
	return method != http.MethodGet && method != http.MethodHead
}
