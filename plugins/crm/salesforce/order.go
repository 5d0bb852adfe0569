package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// Do carries one order out: a look at the lead, and one composite request.
func (c *Channel) Do(ctx context.Context, r channel.Request) (channel.Reply, error) {
	o, err := crm.ReadOrder(r)
	if err != nil {
		return channel.Refuse("bad_order", err.Error()), nil
	}
	err = c.budget.Allows(o, c.config.reserve)
	var provider string
	if err == nil {
		provider, err = c.carryOut(ctx, o)
	}
	if err != nil {
		return crm.Reply(err), nil
	}
	return channel.Accepted(provider), nil
}

// lead is a Lead as it stands there, nil where there is none.
type lead struct {
	ID        string `json:"Id"`
	Converted bool   `json:"IsConverted"`
	Contact   string `json:"ConvertedContactId"`
	HandOver  string `json:"-"`
}

func (c *Channel) carryOut(ctx context.Context, o crm.Order) (string, error) {
	there, err := c.lead(ctx, o.Lead)
	if err != nil {
		return "", err
	}
	if o.Action == crm.ActionHandOver && there != nil && strings.HasPrefix(there.HandOver, o.Reference().Prefix()) {
		// Lead and task were written together. What sales has done with them since
		// must not be undone.
		return there.ID, nil
	}
	var owner string
	if o.Owner != "" {
		if owner, err = c.owner(ctx, o.Owner); err != nil {
			return "", err
		}
	}
	var parts []part
	who := "@{lead.id}"
	switch {
	case there != nil && there.Converted: // Salesforce lets nobody change it any more
		if who = there.Contact; who == "" {
			who = there.ID
		}
	default:
		parts = append(parts, c.upsertLead(o, there == nil, owner))
	}
	switch o.Action {
	case crm.ActionHandOver, crm.ActionNote, crm.ActionTask:
		parts = append(parts, c.task(o, who, owner))
	case crm.ActionMember:
		return c.member(ctx, o, there, parts)
	}
	if len(parts) == 0 {
		return there.ID, nil
	}
	ids, err := c.composite(ctx, parts)
	return ids["lead"], err
}

// lead looks for the Lead of one of ours.
func (c *Channel) lead(ctx context.Context, id string) (*lead, error) {
	fields := strings.Join([]string{"Id", "IsConverted", "ConvertedContactId", c.config.handOver}, ",")
	var record map[string]any
	status, err := c.get(ctx, c.leadPath(id), url.Values{"fields": {fields}}, &record)
	if status == http.StatusNotFound && notThere(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := &lead{}
	l.ID, _ = record["Id"].(string)
	l.Converted, _ = record["IsConverted"].(bool)
	l.Contact, _ = record["ConvertedContactId"].(string)
	l.HandOver, _ = record[c.config.handOver].(string)
	return l, nil
}

// notThere tells a record that is missing from a path that is.
func notThere(err error) bool {
	var t *crm.Trouble
	return errors.As(err, &t) && t.Code == "salesforce_not_found"
}

func (c *Channel) leadPath(id string) string {
	return c.data("/sobjects/Lead/" + c.config.leadField + "/" + url.PathEscape(id))
}

// placedAs are the fields of Lead that values of these names belong into.
var placedAs = map[string]string{
	"first_name": "FirstName", "last_name": "LastName", "company": "Company", "email": "Email", "phone": "Phone",
	"mobile": "MobilePhone", "title": "Title", "website": "Website", "city": "City", "country": "Country",
}

func (c *Channel) field(name string) string {
	if field, ok := c.config.fields[name]; ok {
		return field
	}
	return placedAs[name]
}

func (c *Channel) placed(name string) bool { return name == "name" || c.field(name) != "" }

// upsertLead writes what is told of the person. A Lead cannot be without a last
// name and a company, so a new one gets something in their place.
func (c *Channel) upsertLead(o crm.Order, fresh bool, owner string) part {
	body := map[string]any{}
	if name := o.Person["name"]; name != "" {
		body["LastName"] = name
	}
	for name, v := range o.Person {
		if field := c.field(name); field != "" {
			body[field] = v
		}
	}
	if fresh {
		if body["LastName"] == nil {
			body["LastName"] = o.Name()
		}
		if body["Company"] == nil {
			body["Company"] = "-"
		}
	}
	if o.Action == crm.ActionHandOver {
		body[c.config.handOver] = o.Reference().String()
		body["Status"] = c.config.status
		if owner != "" {
			body["OwnerId"] = owner
		}
	}
	return part{http.MethodPatch, c.leadPath(o.Lead), "lead", body}
}

// task is the activity that sales sees.
func (c *Channel) task(o crm.Order, who, owner string) part {
	body := map[string]any{
		"Subject": cut(o.Headline(), 255), "Description": cut(o.Body(c.placed), 32000), "WhoId": who,
		"Status": "Not Started", "Priority": "Normal",
	}
	switch o.Action {
	case crm.ActionHandOver:
		body["Priority"] = "High"
	case crm.ActionNote:
		body["Status"] = "Completed"
	}
	if o.Due != "" {
		body["ActivityDate"] = o.Due
	}
	if strings.HasPrefix(owner, "005") { // a queue owns no tasks
		body["OwnerId"] = owner
	}
	return part{http.MethodPatch, c.data("/sobjects/Task/" + c.config.keyField + "/" + o.Key), "task", body}
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// member adds the lead to a campaign. Salesforce keeps a person in a campaign
// once; a second order changes the status.
func (c *Channel) member(ctx context.Context, o crm.Order, there *lead, parts []part) (string, error) {
	campaign, err := c.campaign(ctx, o.Campaign)
	if err != nil {
		return "", err
	}
	as, who := "LeadId", ""
	if len(parts) == 0 {
		as, who = "ContactId", there.Contact
	} else {
		ids, err := c.composite(ctx, parts)
		if err != nil {
			return "", err
		}
		if who = ids["lead"]; who == "" && there != nil {
			who = there.ID
		}
	}
	find := "SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign + "' AND " + as + " = '" + who + "' LIMIT 1"
	if !isID.MatchString(who) {
		return "", crm.Later(0, "salesforce_vanished", "the lead that was written is not there any more")
	}
	id, err := c.first(ctx, find)
	if err != nil {
		return "", err
	}
	body := map[string]any{}
	if o.Status != "" {
		body["Status"] = o.Status
	}
	if id != "" {
		if len(body) > 0 {
			_, err = c.send(ctx, crm.Call{Method: http.MethodPatch, Path: c.data("/sobjects/CampaignMember/" + id), Body: body}, nil)
		}
		return id, err
	}
	body["CampaignId"], body[as] = campaign, who
	var made struct {
		ID string `json:"id"`
	}
	_, err = c.send(ctx, crm.Call{Method: http.MethodPost, Path: c.data("/sobjects/CampaignMember"), Body: body}, &made)
	var t *crm.Trouble
	if errors.As(err, &t) && t.Code == "salesforce_duplicate_value" { // another was quicker
		return c.first(ctx, find)
	}
	return made.ID, err
}

var isID = regexp.MustCompile(`^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$`)

// first is the id of the first record that a query finds, "" where it finds none.
func (c *Channel) first(ctx context.Context, soql string) (string, error) {
	var found struct {
		Records []struct {
			ID string `json:"Id"`
		} `json:"records"`
	}
	if err := c.query(ctx, soql, &found); err != nil || len(found.Records) == 0 {
		return "", err
	}
	return found.Records[0].ID, nil
}

// campaign is the id of a campaign that is named by its id or its name.
func (c *Channel) campaign(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "701") && isID.MatchString(name) {
		return name, nil
	}
	return c.remembered(ctx, "campaign "+name, "unknown_campaign", "no campaign has that name",
		"SELECT Id FROM Campaign WHERE Name = '"+quote(name)+"' ORDER BY CreatedDate LIMIT 1")
}

// owner is the id of a user or queue: by the config's table, as an id, as the name
// of a queue, or as the alias of a user.
func (c *Channel) owner(ctx context.Context, name string) (string, error) {
	if id, ok := c.config.owners[name]; ok {
		name = id
	}
	if (strings.HasPrefix(name, "005") || strings.HasPrefix(name, "00G")) && isID.MatchString(name) {
		return name, nil
	}
	q := quote(name)
	return c.remembered(ctx, "owner "+name, "unknown_owner",
		"no queue and no alias of a user is called like the owner; add it to owners in the channel's config, then retry the dead letter",
		"SELECT Id FROM Group WHERE Type = 'Queue' AND (Name = '"+q+"' OR DeveloperName = '"+quote(strings.ReplaceAll(name, "-", "_"))+"') LIMIT 1",
		"SELECT Id FROM User WHERE IsActive = true AND Alias = '"+q+"' LIMIT 1")
}

// remembered asks queries one after the other for an id, once in the life of the
// process.
func (c *Channel) remembered(ctx context.Context, what, code, detail string, queries ...string) (string, error) {
	c.mu.Lock()
	id := c.ids[what]
	c.mu.Unlock()
	for i := 0; id == "" && i < len(queries); i++ {
		var err error
		if id, err = c.first(ctx, queries[i]); err != nil {
			return "", err
		}
	}
	if id == "" {
		return "", crm.Refused(code, detail)
	}
	c.mu.Lock()
	c.ids[what] = id
	c.mu.Unlock()
	return id, nil
}

var soqlEscaper = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`)

// quote makes a text safe between the quotes of SOQL.
func quote(s string) string { return soqlEscaper.Replace(s) }
