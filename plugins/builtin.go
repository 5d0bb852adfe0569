// Package plugins is the list of the channels that are part of this program. The
// command serves them, each in a process of its own, by `plugin serve NAME`.
package plugins

import (
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm/hubspot"
	"github.com/seed-456efde2/nurture/plugins/crm/salesforce"
	"github.com/seed-456efde2/nurture/plugins/crm/tryton"
	"github.com/seed-456efde2/nurture/plugins/email"
	"github.com/seed-456efde2/nurture/plugins/file"
	"github.com/seed-456efde2/nurture/plugins/line"
	"github.com/seed-456efde2/nurture/plugins/log"
	"github.com/seed-456efde2/nurture/plugins/postal"
	"github.com/seed-456efde2/nurture/plugins/slack"
	"github.com/seed-456efde2/nurture/plugins/webhook"
)

// Names are the names of the built-in plugins, in alphabetical order.
func Names() []string {
	return []string{"email", "file", "hubspot", "line", "log", "postal", "salesforce", "slack", "tryton", "webhook"}
}

// New makes the built-in channel of that name, for channel.Serve. It is nil when
// there is none.
func New(name string) channel.Channel {
	switch name {
	case "email":
		return email.New(nil)
	case "file":
		return file.New(nil)
	case "hubspot":
		return hubspot.New(nil)
	case "line":
		return line.New(nil)
	case "log":
		return log.New(nil)
	case "postal":
		return postal.New(nil)
	case "salesforce":
		return salesforce.New(nil)
	case "slack":
		return slack.New(nil)
	case "tryton":
		return tryton.New(nil)
	case "webhook":
		return webhook.New(nil)
	}
	return nil
}
