package httpd

import (
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// The program puts these behind the ports.
var (
	_ Door   = (*runner.Runner)(nil)
	_ People = (*store.Store)(nil)
	_ Ledger = (*store.Store)(nil)
)
