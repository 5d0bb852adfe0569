package main

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/plugins"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

var rewrite = flag.Bool("rewrite", false, "write what is generated")

// The language and the plugin host each carry what the built-in plugins tell of
// themselves, so that checking starts no process. Both must be what the plugins
// really say, and the same.
func TestCatalogsAreTrue(t *testing.T) {
	t.Parallel()
	var ds []channel.Description
	for _, name := range plugins.Names() {
		ds = append(ds, channel.Describe(plugins.New(name)))
	}
	for _, d := range host.Catalog() {
		if d.Missing && !slices.Contains(plugins.Names(), d.Name) {
			ds = append(ds, d)
		}
	}
	want, err := host.EncodeCatalog(ds)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"../../plugins/host/catalog.json", "../../dsl/catalog.json"} {
		if *rewrite {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the plugins describe; run go test ./cmd/nurture -run Catalog -rewrite", file)
		}
	}
}
