package plugins_test

import (
	"os"
	"testing"

	"github.com/seed-456efde2/nurture/plugins"
	"github.com/seed-456efde2/nurture/plugins/channel"
)

// TestMain serves the built-in plugins as the command does: `plugin serve NAME`.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "plugin" && os.Args[2] == "serve" {
		c := plugins.New(os.Args[3])
		if c == nil {
			c = bench{}
		}
		channel.Serve(c)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range plugins.Names() {
		if c := plugins.New(name); c == nil || c.Describe().Name != name {
			t.Errorf("%s is not %v", name, c)
		}
	}
	if plugins.New("fax") != nil {
		t.Error("there is a fax")
	}
}
