package salesforce

import (
	"context"
	"crypto/subtle"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// outbound is an outbound message: which records a workflow of Salesforce's points
// at. What they hold is asked for, not taken from here.
type outbound struct {
	Organization  string `xml:"Body>notifications>OrganizationId"`
	Notifications []struct {
		Object struct {
			Type string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
			ID   string `xml:"Id"`
		} `xml:"sObject"`
	} `xml:"Body>notifications>Notification"`
}

const acknowledged = `<?xml version="1.0" encoding="UTF-8"?>` +
	`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
	`<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>` +
	`</soapenv:Body></soapenv:Envelope>`

// Receive takes an outbound message, so that an outcome is known at once and not
// with the next look. Salesforce signs nothing: the message must come to the
// secret address, from the right organisation, and is believed in nothing but the
// ids of the records, which are then read with our own credentials.
func (c *Channel) Receive(ctx context.Context, h channel.HTTPRequest) (channel.HTTPReply, error) {
	given := strings.TrimPrefix(h.Path, "/")
	if c.config.outboundSecret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(c.config.outboundSecret)) != 1 {
		return channel.HTTPReply{Status: http.StatusNotFound}, nil
	}
	var m outbound
	if err := xml.Unmarshal(h.Body, &m); err != nil || len(m.Notifications) == 0 {
		return channel.HTTPReply{Status: http.StatusBadRequest}, nil
	}
	if org := c.config.organisation; org != "" && !sameID(org, m.Organization) {
		return channel.HTTPReply{Status: http.StatusForbidden}, nil
	}
	facts, err := c.lookAt(ctx, m)
	if err != nil {
		return channel.HTTPReply{}, err
	}
	return channel.HTTPReply{
		Header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}}, Body: []byte(acknowledged), Facts: facts,
	}, nil
}

// sameID compares ids, of which the last three of 18 characters are a checksum.
func sameID(a, b string) bool {
	return len(a) >= 15 && len(b) >= 15 && a[:15] == b[:15]
}

// lookAt reads the leads that a message points at, by themselves or by their
// opportunities.
func (c *Channel) lookAt(ctx context.Context, m outbound) ([]channel.Fact, error) {
	byField := map[string][]string{}
	for _, n := range m.Notifications {
		_, kind, _ := strings.Cut(n.Object.Type, ":")
		field := map[string]string{"Lead": "Id", "Opportunity": "ConvertedOpportunityId"}[kind]
		if field == "" || !isID.MatchString(n.Object.ID) || slices.Contains(byField[field], n.Object.ID) {
			continue
		}
		byField[field] = append(byField[field], n.Object.ID)
	}
	var facts []channel.Fact
	for field, ids := range byField {
		for some := range slices.Chunk(ids, 100) {
			var p page
			if err := c.query(ctx, c.selecting(field+" IN ('"+strings.Join(some, "','")+"')"), &p); err != nil {
				return nil, err
			}
			changes, err := c.read(p.Records)
			if err != nil {
				return nil, err
			}
			for _, change := range changes {
				facts = append(facts, crm.Facts(change.Outcomes)...)
			}
		}
	}
	return facts, nil
}
