package store

// Stats is what an operator wants to watch.
type Stats struct {
	Commits     uint64 // transactions since the folder was made
	LeadHits    uint64 // leads found in the cache, since Open
	LeadMisses  uint64 // leads that had to be read
	SeenLookups uint64 // message ids that no filter could tell to be fresh
	RowsWalked  uint64 // rows that scans went over
	DiskBytes   int64  // files of the database, as of the last minute
}

// Stats is a look at the counters. Any goroutine may call it.
func (s *Store) Stats() Stats {
	lsm, logs := s.db.Size()
	return Stats{
		Commits:     s.Commits(),
		LeadHits:    s.hits.Load(),
		LeadMisses:  s.misses.Load(),
		SeenLookups: s.lookups.Load(),
		RowsWalked:  s.walked.Load(),
		DiskBytes:   lsm + logs,
	}
}
