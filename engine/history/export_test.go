package history

import "github.com/seed-456efde2/nurture/engine"

// Hear lets a test see every row that a replay decides, from any worker.
func (o *ReplayOptions) Hear(heard func(engine.LeadID, *engine.Fact)) { o.heard = heard }
