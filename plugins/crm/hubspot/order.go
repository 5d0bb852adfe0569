package hubspot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// job is one order on its way.
type job struct {
	crm.Order
	contact string // HubSpot's id of the person
	owner   string // HubSpot's id of the owner
	made    string // id of the record that was made for it
	err     error
}

// Do carries one order out.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	replies, err := c.DoBatch(ctx, []channel.Request{r})
	if err != nil {
		return channel.Reply{}, err
	}
	return replies[0], nil
}

// DoBatch carries several orders out with a few requests. Where HubSpot refuses a
// whole batch for one of its records, the orders go one by one.
func (c *Channel) DoBatch(ctx context.Context, rs []channel.Request) ([]channel.Reply, error) {
	replies := make([]channel.Reply, len(rs))
	var jobs []*job
	var at []int
	for i, r := range rs {
		o, err := crm.ReadOrder(r)
		if err != nil {
			replies[i] = channel.Refuse("bad_order", err.Error())
			continue
		}
		if err := c.budget.Allows(o, c.config.reserve); err != nil {
			replies[i] = crm.Reply(err)
			continue
		}
		jobs, at = append(jobs, &job{Order: o}), append(at, i)
	}
	c.carryOut(ctx, jobs)
	for n, j := range jobs {
		if j.err != nil {
			replies[at[n]] = crm.Reply(j.err)
		} else {
			replies[at[n]] = channel.Accepted(j.made)
		}
	}
	return replies, nil
}

func (c *Channel) carryOut(ctx context.Context, jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	err := c.together(ctx, jobs)
	var t *crm.Trouble
	if err == nil {
		return
	}
	if errors.As(err, &t) && t.Outcome == channel.Refused && len(jobs) > 1 {
		for _, j := range jobs {
			j.err, j.contact, j.made = nil, "", ""
			c.carryOut(ctx, []*job{j})
		}
		return
	}
	for _, j := range jobs {
		if j.err == nil {
			j.err = err
		}
	}
}

// together carries orders out as one batch. An error is one of all; what befalls
// a single order is kept with it.
func (c *Channel) together(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		if j.Owner != "" {
			if j.owner, j.err = c.owner(ctx, j.Owner); j.err != nil && !isRefused(j.err) {
				return j.err
			}
		}
	}
	for _, stage := range []func(context.Context, []*job) error{c.contacts, c.deals, c.activities, c.members} {
		if err := stage(ctx, well(jobs)); err != nil {
			return err
		}
	}
	return nil
}

func isRefused(err error) bool {
	var t *crm.Trouble
	return errors.As(err, &t) && t.Outcome == channel.Refused
}

// well are the jobs that nothing befell yet.
func well(jobs []*job, actions ...string) []*job {
	var list []*job
	for _, j := range jobs {
		wanted := len(actions) == 0
		for _, a := range actions {
			wanted = wanted || j.Action == a
		}
		if j.err == nil && wanted {
			list = append(list, j)
		}
	}
	return list
}

// placedAs are the properties of contacts that values of these names belong into.
var placedAs = map[string]string{
	"first_name": "firstname", "last_name": "lastname", "company": "company", "email": "email", "phone": "phone",
	"mobile": "mobilephone", "title": "jobtitle", "website": "website", "city": "city", "country": "country",
}

func (c *Channel) property(name string) string {
	if p, ok := c.config.fields[name]; ok {
		return p
	}
	return placedAs[name]
}

func (c *Channel) placed(name string) bool { return name == "name" || c.property(name) != "" }

// contacts writes the persons of the orders.
func (c *Channel) contacts(ctx context.Context, jobs []*job) error {
	records := map[string]map[string]string{}
	for _, j := range jobs {
		properties := records[j.Lead]
		if properties == nil {
			properties = map[string]string{c.config.leadField: j.Lead}
			records[j.Lead] = properties
		}
		if name := j.Person["name"]; name != "" {
			properties["lastname"] = name
		}
		for name, v := range j.Person {
			if p := c.property(name); p != "" {
				properties[p] = v
			}
		}
	}
	w, err := c.upsert(ctx, "contacts", c.config.leadField, records)
	var t *crm.Trouble
	if len(records) == 1 && errors.As(err, &t) && t.Code == codeConflict {
		for lead, properties := range records {
			w.trouble[lead] = t
			err = c.adopt(ctx, lead, properties, &w)
		}
	}
	if err != nil {
		return err
	}
	for lead, trouble := range w.trouble {
		if trouble.Code == codeConflict && w.ids[lead] == "" {
			if err := c.adopt(ctx, lead, records[lead], &w); err != nil {
				return err
			}
		}
	}
	for _, j := range jobs {
		j.contact = w.ids[j.Lead]
		j.made = j.contact
		if j.contact == "" {
			j.err = missing(w, j.Lead)
		}
	}
	return nil
}

// codeConflict is the code of a record that collides with another.
const codeConflict = "hubspot_conflict"

// missing is the trouble of a record that a batch did not write.
func missing(w written, id string) error {
	if t := w.trouble[id]; t != nil {
		return t
	}
	return crm.Later(0, "hubspot_missing", "HubSpot's answer leaves the record out")
}

// adopt takes the contact that has the lead's address already. One that is another
// lead's keeps it, and ours goes without: HubSpot keeps an address once.
func (c *Channel) adopt(ctx context.Context, lead string, properties map[string]string, w *written) error {
	found, err := c.read(ctx, "contacts", "email", []string{properties["email"]}, []string{c.config.leadField}, nil)
	if err != nil {
		return err
	}
	if len(found) > 0 && found[0].Properties[c.config.leadField] == "" {
		err := c.send(ctx, http.MethodPatch, "/crm/v3/objects/contacts/"+url.PathEscape(found[0].ID), nil,
			map[string]any{"properties": properties}, nil)
		if err == nil {
			w.ids[lead] = found[0].ID
		}
		return err
	}
	delete(properties, "email")
	again, err := c.upsert(ctx, "contacts", c.config.leadField, map[string]map[string]string{lead: properties})
	w.ids[lead] = again.ids[lead]
	return err
}

// deals makes toss-ups deals. A deal that is there keeps its stage and its owner:
// sales may have moved it since.
func (c *Channel) deals(ctx context.Context, jobs []*job) error {
	jobs = well(jobs, crm.ActionHandOver)
	keys := make([]string, len(jobs))
	for i, j := range jobs {
		keys[i] = j.Key
	}
	there, err := c.read(ctx, "deals", c.config.keyField, keys, []string{c.config.keyField}, nil)
	if err != nil {
		return err
	}
	w := written{ids: map[string]string{}}
	for _, d := range there {
		w.ids[d.Properties[c.config.keyField]] = d.ID
	}
	records := map[string]map[string]string{}
	for _, j := range jobs {
		if w.ids[j.Key] != "" {
			continue
		}
		records[j.Key] = c.owned(j, map[string]string{
			c.config.keyField: j.Key, c.config.handOver: j.Reference().String(),
			"dealname": j.Headline(), "description": cut(j.Body(c.placed)),
			"pipeline": c.config.pipeline, "dealstage": c.config.stage,
		})
	}
	made, err := c.upsert(ctx, "deals", c.config.keyField, records)
	if err != nil {
		return err
	}
	for key, id := range made.ids {
		w.ids[key] = id
	}
	w.trouble = made.trouble
	return c.tie(ctx, "deals", jobs, w)
}

func (c *Channel) owned(j *job, properties map[string]string) map[string]string {
	if j.owner != "" {
		properties["hubspot_owner_id"] = j.owner
	}
	return properties
}

// tie ties what was made for the orders to their persons.
func (c *Channel) tie(ctx context.Context, kind string, jobs []*job, w written) error {
	var pairs []pair
	for _, j := range jobs {
		if j.made = w.ids[j.Key]; j.made == "" {
			j.err = missing(w, j.Key)
			continue
		}
		pairs = append(pairs, pair{j.made, j.contact})
	}
	return c.associate(ctx, kind, "contacts", pairs)
}

// activities writes notes and tasks. A member of a campaign gets a note too: a
// list knows no status.
func (c *Channel) activities(ctx context.Context, jobs []*job) error {
	now := strconv.FormatInt(c.now().UnixMilli(), 10)
	notes, tasks := map[string]map[string]string{}, map[string]map[string]string{}
	for _, j := range jobs {
		switch j.Action {
		case crm.ActionNote, crm.ActionMember:
			text := j.Headline()
			if body := j.Body(c.placed); body != text {
				text = strings.TrimSpace(text + "\n" + body)
			}
			notes[j.Key] = c.owned(j, map[string]string{c.config.keyField: j.Key, "hs_timestamp": now, "hs_note_body": asHTML(text)})
		case crm.ActionTask:
			due := now
			if j.Due != "" {
				due = j.Due + "T00:00:00Z"
			}
			tasks[j.Key] = c.owned(j, map[string]string{
				c.config.keyField: j.Key, "hs_timestamp": due, "hs_task_subject": j.Headline(),
				"hs_task_body": asHTML(j.Body(c.placed)), "hs_task_status": "NOT_STARTED", "hs_task_priority": "MEDIUM",
			})
		}
	}
	for kind, records := range map[string]map[string]map[string]string{"notes": notes, "tasks": tasks} {
		w, err := c.upsert(ctx, kind, c.config.keyField, records)
		if err != nil {
			return err
		}
		var mine []*job
		for _, j := range jobs {
			if _, ok := records[j.Key]; ok {
				mine = append(mine, j)
			}
		}
		if err := c.tie(ctx, kind, mine, w); err != nil {
			return err
		}
	}
	return nil
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>")

// longest is how long a text HubSpot takes, in characters.
const longest = 65_536

func cut(s string) string {
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "")
	}
	return s
}

// asHTML is a text as notes and tasks hold it. The longest text with all its
// characters escaped would not fit, so what is too long is cut with room to spare.
func asHTML(s string) string {
	if html := escaper.Replace(s); len(html) <= longest {
		return html
	}
	return escaper.Replace(strings.ToValidUTF8(s[:min(len(s), longest/5)], ""))
}

// members puts contacts on the lists of their campaigns.
func (c *Channel) members(ctx context.Context, jobs []*job) error {
	lists := map[string][]*job{}
	for _, j := range well(jobs, crm.ActionMember) {
		id, err := c.list(ctx, j.Campaign)
		if isRefused(err) {
			j.err = err
			continue
		}
		if err != nil {
			return err
		}
		lists[id] = append(lists[id], j)
	}
	for id, of := range lists {
		var contacts []string
		for _, j := range of {
			contacts = append(contacts, j.contact)
		}
		if err := c.send(ctx, http.MethodPut, "/crm/v3/lists/"+id+"/memberships/add", nil, contacts, nil); err != nil {
			return err
		}
	}
	return nil
}

// list is the id of a static list of contacts that is named by its id or name.
func (c *Channel) list(ctx context.Context, name string) (string, error) {
	if isNumber(name) {
		return name, nil
	}
	if id := c.remembered("list " + name); id != "" {
		return id, nil
	}
	var found struct {
		List struct {
			ID string `json:"listId"`
		} `json:"list"`
	}
	err := c.send(ctx, http.MethodGet, "/crm/v3/lists/object-type-id/0-1/name/"+name, nil, nil, &found)
	if isRefused(err) || err == nil && !isNumber(found.List.ID) {
		return "", crm.Refused("unknown_campaign", "no list of contacts has that name")
	}
	if err != nil {
		return "", err
	}
	c.remember("list "+name, found.List.ID)
	return found.List.ID, nil
}

// owner is the id of an owner: by the config's table, as an id, else by address or
// full name among all owners, so that no address stands in a URL.
func (c *Channel) owner(ctx context.Context, name string) (string, error) {
	if id, ok := c.config.owners[name]; ok {
		name = id
	}
	if isNumber(name) {
		return name, nil
	}
	if id := c.remembered("owner " + name); id != "" {
		return id, nil
	}
	for after := ""; ; {
		var page struct {
			Results []struct {
				ID, Email, FirstName, LastName string
			} `json:"results"`
			Paging struct {
				Next struct{ After string }
			} `json:"paging"`
		}
		query := url.Values{"limit": {"100"}}
		if after != "" {
			query.Set("after", after)
		}
		if err := c.send(ctx, http.MethodGet, "/crm/v3/owners/", query, nil, &page); err != nil {
			return "", err
		}
		for _, o := range page.Results {
			if strings.EqualFold(o.Email, name) || o.FirstName+" "+o.LastName == name || o.LastName+" "+o.FirstName == name {
				c.remember("owner "+name, o.ID)
				return o.ID, nil
			}
		}
		if after = page.Paging.Next.After; after == "" {
			return "", crm.Refused("unknown_owner", "no owner has that address or name; add it to owners in the channel's config, then retry the dead letter")
		}
	}
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func (c *Channel) remembered(what string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[what]
}

func (c *Channel) remember(what, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[what] = id
}
