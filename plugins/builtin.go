// Package plugins is the list of the channels that are part of this program. The
// command serves them, each in a process of its own, by `plugin serve NAME`.
package plugins

import (
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/email"
	"github.com/seed-456efde2/nurture/plugins/webhook"
)

// Names are the names of the built-in plugins, in alphabetical order.
func Names() []string { return []string{"email", "webhook"} }

// New makes the built-in channel of that name, for channel.Serve. It is nil when
// there is none.
func New(name string) channel.Channel {
	switch name {
	case "email":
		return email.New(nil)
	case "webhook":
		return webhook.New(nil)
	}
	return nil
}
