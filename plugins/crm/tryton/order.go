package tryton

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Do carries one order out. Carried out again, from whatever point on, it comes
// to the same records.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	o, err := crm.ReadOrder(r)
	if err != nil {
		return channel.Refuse("bad_order", err.Error()), nil
	}
	provider, err := c.carryOut(ctx, o)
	if err != nil {
		return crm.Reply(err), nil
	}
	return channel.Accepted(provider), nil
}

func (c *Channel) carryOut(ctx context.Context, o crm.Order) (string, error) {
	var employee int64
	if o.Action == crm.ActionHandOver && o.Owner != "" {
		var err error
		if employee, err = c.employee(ctx, o.Owner); err != nil {
			return "", err
		}
	}
	party, err := c.party(ctx, o)
	if err != nil {
		return "", err
	}
	switch o.Action {
	case crm.ActionUpsert:
		return "party.party," + text(party), nil
	case crm.ActionHandOver:
		id, err := c.handOver(ctx, o, party, employee)
		return "sale.opportunity," + text(id), err
	}
	id, err := c.note(ctx, o, party)
	return "ir.note," + text(id), err
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

// handOver makes the toss-up an opportunity.
func (c *Channel) handOver(ctx context.Context, o crm.Order, party, employee int64) (int64, error) {
	values := map[string]any{
		"reference": o.Reference().String(), "party": party,
		"description": o.Headline(), "comment": o.Body(c.placed),
	}
	if employee != 0 {
		values["employee"] = employee
	}
	return c.once(ctx, "sale.opportunity", []any{[]any{"reference", "like", o.Reference().Prefix() + "%"}}, values)
}

// note keeps an activity with the party. Tryton has no campaigns and tasks of its
// own: what an order says of them stands in the note.
func (c *Channel) note(ctx context.Context, o crm.Order, party int64) (int64, error) {
	lines := []string{o.Headline()}
	if o.Due != "" {
		lines = append(lines, "due: "+o.Due)
	}
	if o.Owner != "" {
		lines = append(lines, "owner: "+o.Owner)
	}
	if body := o.Body(c.placed); body != "" && body != lines[0] {
		lines = append(lines, body)
	}
	mark := "[nurture " + o.Key + "]"
	resource := "party.party," + text(party)
	return c.once(ctx, "ir.note",
		[]any{[]any{"resource", "=", resource}, []any{"message", "like", "%" + mark + "%"}},
		map[string]any{"resource": resource, "message": strings.Join(append(lines, mark), "\n")})
}

// once makes a record unless there is one already; the domain finds those of the
// same order. It looks again afterwards, because a process that has died may have
// left a create under way: the first record stays.
func (c *Channel) once(ctx context.Context, model string, domain []any, values map[string]any) (int64, error) {
	found, err := c.find(ctx, model, domain)
	if err != nil {
		return 0, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	var made []int64
	if err := c.call(ctx, "model."+model+".create", &made, []any{values}); err != nil {
		return 0, err
	}
	found, err = c.find(ctx, model, domain)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, crm.Later(0, "tryton_vanished", "the record that was made is not there any more")
	}
	if len(found) > 1 && slices.Equal(made, found[len(found)-1:]) {
		// Ours came last: nobody can have touched it yet.
		if err := c.call(ctx, "model."+model+".delete", nil, made); err != nil {
			return 0, err
		}
	}
	return found[0], nil
}

// find are the ids of the records of a domain, the first made first.
func (c *Channel) find(ctx context.Context, model string, domain []any) ([]int64, error) {
	var ids []int64
	err := c.call(ctx, "model."+model+".search", &ids, domain, 0, 10, []any{[]any{"id", "ASC"}})
	return ids, err
}

// employee is the employee that an owner is, by the config's table, else by the
// name or code of the employee's party.
func (c *Channel) employee(ctx context.Context, owner string) (int64, error) {
	c.mu.Lock()
	id, known := c.staff[owner]
	c.mu.Unlock()
	if known {
		return id, nil
	}
	called := owner
	if named, ok := c.config.owners[owner]; ok {
		called = named
	}
	domain := []any{"OR", []any{"party.name", "=", called}, []any{"party.code", "=", called}}
	if n, err := strconv.ParseInt(called, 10, 64); err == nil {
		domain = []any{[]any{"id", "=", n}}
	}
	found, err := c.find(ctx, "company.employee", domain)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, unknownOwner()
	}
	c.mu.Lock()
	c.staff[owner] = found[0]
	c.mu.Unlock()
	return found[0], nil
}

// party is the party of the lead, made where there is none. What is told of the
// person is written to it.
func (c *Channel) party(ctx context.Context, o crm.Order) (int64, error) {
	code := c.config.prefix + o.Lead
	found, err := c.find(ctx, "party.party", []any{[]any{"code", "=", code}, []any{"active", "in", []any{true, false}}})
	if err != nil {
		return 0, err
	}
	if len(found) > 0 {
		return found[0], c.complete(ctx, found[0], o, true)
	}
	if mail := o.Person["email"]; c.config.byEmail && mail != "" {
		found, err = c.find(ctx, "party.party", []any{[]any{"contact_mechanisms", "where", []any{
			[]any{"type", "=", "email"}, []any{"value", "ilike", escapeLike(mail)},
		}}})
		if err != nil {
			return 0, err
		}
		if len(found) > 0 { // somebody else's record keeps its name and code
			return found[0], c.complete(ctx, found[0], o, false)
		}
	}
	return c.makeParty(ctx, o, code)
}

func (c *Channel) makeParty(ctx context.Context, o crm.Order, code string) (int64, error) {
	values := c.own(o)
	values["code"], values["name"] = code, o.Name()
	if reached := mechanisms(o, nil); len(reached) > 0 {
		values["contact_mechanisms"] = []any{[]any{"create", reached}}
	}
	var made []int64
	err := c.call(ctx, "model.party.party.create", &made, []any{values})
	var t *crm.Trouble
	if errors.As(err, &t) && t.Code == codeNotUnique {
		// Another order about the same lead was quicker.
		made, err = c.find(ctx, "party.party", []any{[]any{"code", "=", code}})
	}
	if err == nil && len(made) == 0 {
		err = crm.Later(0, "tryton_vanished", "the party that was made is not there any more")
	}
	if err != nil {
		return 0, err
	}
	return made[0], nil
}

// complete adds to a party what is told of the person and not there yet.
func (c *Channel) complete(ctx context.Context, party int64, o crm.Order, named bool) error {
	values := c.own(o)
	if p := o.Person; named && (p["name"] != "" || p["last_name"] != "" || p["company"] != "") {
		values["name"] = o.Name()
	}
	if reached := mechanisms(o, nil); len(reached) > 0 {
		var have []struct{ Type, Value string }
		err := c.call(ctx, "model.party.contact_mechanism.search_read", &have,
			[]any{[]any{"party", "=", party}}, 0, 100, nil, []string{"type", "value"})
		if err != nil {
			return err
		}
		known := map[string]bool{}
		for _, m := range have {
			known[m.Type+" "+m.Value] = true
		}
		if reached = mechanisms(o, known); len(reached) > 0 {
			values["contact_mechanisms"] = []any{[]any{"create", reached}}
		}
	}
	if len(values) == 0 {
		return nil
	}
	return c.call(ctx, "model.party.party.write", nil, []int64{party}, values)
}

// own are the values that the config names fields of the party for.
func (c *Channel) own(o crm.Order) map[string]any {
	values := map[string]any{}
	for name, field := range c.config.fields {
		if v, ok := o.Person[name]; ok {
			values[field] = v
		}
	}
	return values
}

// reachedBy are the kinds of contact mechanism, and what the values are called.
var reachedBy = []struct{ name, kind string }{
	{"email", "email"}, {"phone", "phone"}, {"mobile", "mobile"}, {"website", "website"},
}

func mechanisms(o crm.Order, known map[string]bool) []any {
	var list []any
	for _, m := range reachedBy {
		if v := o.Person[m.name]; v != "" && !known[m.kind+" "+v] {
			list = append(list, map[string]any{"type": m.kind, "value": v})
		}
	}
	return list
}

// placed reports whether a value has a place in the party.
func (c *Channel) placed(name string) bool {
	switch name {
	case "name", "last_name", "first_name", "email", "phone", "mobile", "website":
		return true
	}
	_, ok := c.config.fields[name]
	return ok
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func escapeLike(s string) string { return likeEscaper.Replace(s) }
