package host

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Plugins are the plugins that a host may run.
type Plugins struct {
	// Catalog describes them. What a process says of itself must agree with it.
	Catalog []channel.Description
	// Binaries are the programs of the external ones, by name.
	Binaries map[string]Binary
	// Absent says of plugins that are described why they cannot be run here.
	Absent map[string]string
}

// plugins is Plugins by name. It is not changed once it is made.
type plugins struct {
	catalog  map[string]channel.Description
	binaries map[string]Binary
	absent   map[string]string
}

func (p Plugins) byName() *plugins {
	catalog := make(map[string]channel.Description, len(p.Catalog))
	for _, d := range p.Catalog {
		catalog[d.Name] = d
	}
	return &plugins{catalog: catalog, binaries: p.Binaries, absent: p.Absent}
}

// Install makes these the plugins that the next Apply goes by. What runs is not
// touched: a channel whose program has another checksum is started anew by Apply,
// and its old process finishes what it has.
func (h *Host) Install(p Plugins) {
	h.applying.Lock()
	defer h.applying.Unlock()
	h.plugins = p.byName()
}

// agrees refuses a process that is not what the workspace was checked against.
func (p *plugins) agrees(plugin string, told channel.Description) error {
	if told.Name != plugin {
		return fmt.Errorf("it says that it is plugin %q", cut(told.Name, 60))
	}
	known, ok := p.catalog[plugin]
	if !ok || known.Missing {
		return nil
	}
	a, errA := channel.EncodeDescription(known)
	b, errB := channel.EncodeDescription(told)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		return fmt.Errorf("it describes itself as version %s in other words than the catalog's version %s; lock the new description first",
			cut(told.Version, 40), known.Version)
	}
	return nil
}

// secrets are the texts of a channel's config that nobody may see: what its
// plugin declares sensitive, or everything where that is not known.
func (p *plugins) secrets(c Config) []string {
	if d, ok := p.catalog[c.Plugin]; ok {
		return d.Secrets(plain(c.Values))
	}
	return texts(plain(c.Values))
}

// encrypted reports whether the plugin's program is known to answer go-plugin's
// wish for mutual TLS: what is written in Go with our SDK does. It has to be known
// before the start, so a plugin that is not described yet is spoken to without.
func (s *supervisor) encrypted() bool { return s.plugins.catalog[s.config.Plugin].MTLS }

// command is the command line of the supervised plugin, verified where it is not
// our own.
func (s *supervisor) command() ([]string, error) {
	if b, ok := s.plugins.binaries[s.config.Plugin]; ok {
		return b.verified(filepath.Join(s.host.dir.path, "bin"))
	}
	if command := s.host.options.Builtin(s.config.Plugin); len(command) > 0 {
		return command, nil
	}
	return nil, fmt.Errorf("no program serves plugin %s", s.config.Plugin)
}
