// Package store keeps the state of leads in one folder, on Badger: facts, leads,
// timers, outbox and counters, everything that a batch of events changes in one
// transaction. It knows no rules; it is told what to write.
//
// # The way of a batch
//
//	s, err := store.Open(store.Options{Dir: dir})     // makes the folder, or checks it
//	w := s.NewWrite()                                 // a worker has two or three
//
//	seen, err := s.Seen(part, lead, event)            // a worker, for each event:
//	row, err := s.LeadRow(part, lead)                 // decode, decide (w is its History), then
//	w.Fact(part, lead, &fact)
//	w.Lead(part, &l)
//	w.Seen(part, lead, seq, source, id)
//	w.Timer(part, lead, oldDue, newDue)
//	w.Outbox(part, lane, seq, lead, key, channel)
//	w.Count(delta)
//	w.Anchor(part, store.Anchor{Clock: now, Revision: n})
//	if w.Full() { … }                                 // hand over and take the next
//
//	err = s.Commit(w1, w2, …)                         // the committer: one transaction, synced
//	w1.Reset()                                        // and back to its worker
//
// Workers build Writes side by side; one goroutine commits. Badger does not group
// commits, so the batch is ours. A commit error is fatal: the store is broken, every
// call says so with the cause, and opening the folder again goes on from the last
// commit.
//
// # Who may call what
//
// Leads belong to virtual partitions (engine.LeadID.Partition), whose number is
// fixed when the folder is made. A partition has one worker at a time. The worker
// alone calls LeadRow, Seen and the methods of its Writes; the committer alone
// calls Commit; everything else is for any goroutine. What the worker has put into
// a Write it sees at once, before it is durable, in LeadRow, Seen, Resolve,
// TimerLow and Write.Facts. All other reads see what is durable, each as of one
// moment, and hold nobody up.
//
// A Write holds at most half of what one transaction takes before it is Full: 2 MB
// or 21,000 rows; the other half is for the event that filled it. Commit splits
// between Writes, never inside one.
//
// # What lies in the folder
//
//	FORMAT       number of the layout and of partitions; written first, checked at each start
//	LOCK         held by the process that has the folder, with its number
//	ballast      space to be freed by hand when the disk is full
//	durable.seq  number of commits, beside the database: a shorter database has lost some
//	badger/      the database
//
// Keys, all numbers big-endian; P is the partition in two bytes:
//
//	P f                  anchor: where the partition stands (Anchor)
//	P s lead16           the lead (engine.AppendLead)
//	P e lead16 at8 seq8  a fact of its journal (engine.AppendFact)
//	P d hash16           a message id of a fact in a long journal: lead16; expires
//	P t due8 lead16      index of each lead's earliest timer
//	P o lane1 seq8       outbox: lead16 key16 channel
//	P a key16            rendered parts of an action under way
//	P x key16            an action that was given up (engine.AppendDeadAction)
//	k len2 name hour8 part1 labels  a counter's sum, as a varint
//	d rev8 n2            message ids of one Write, for the filters: P hash8 each; expires
//	i hash16             identifier → lead16
//	y seq8               an event that intake refused, JSON
//	q seq8               a fact that one lead's decision brings for another: lead16 fact
//	g r number4          a revision, JSON
//	g s len2 digest n2   a piece of its sources, packed
//	g u number4          rulings: pauses, winners, tightened caps, JSON
//	g n name             a note of the shell's own: how far a sweep has come
//	g m, g c             the format; the number of the last transaction without an anchor
//
// Facts of one lead lie together in the order of their own time, so explaining is
// one scan. A message was seen when its fact is in its lead's journal, so whatever
// removes facts younger than Options.SeenFor must keep their ids. Rows of message
// ids lie by hash, or by their commit's number with its bits reversed, though by
// time would be cheaper to write: Badger drops expired rows only where new ones are
// merged over them.
//
// # What Badger does not do
//
// Badger 4.9.6 is used for what it does well and watched for the rest.
//
//   - Its log is cut at the first damaged entry, without a word. durable.seq and
//     checkLogs find that; Options.AcceptLoss goes on with what is there.
//   - A table's block that does not match its checksum counts as having no such key,
//     in reads and in merges; a damaged end of a table ends the process; a list of
//     tables that looks torn has the tables behind it deleted. checkFiles looks at all
//     of them before Badger does, and the blocks are not checked again while running.
//   - On a full disk it dies with SIGBUS and cannot be opened until there is room:
//     Commit asks for the free space each time (Space, SpaceLimits).
//   - Scans walk over tombstones: see mark.
//   - Incremental backups bring deleted rows back: Backup is full.
//   - An empty log, which a killed process may leave, is removed before opening.
//
// Values of more than 1 MiB would go to Badger's value log, which is never
// collected here: bodies are bounded by MaxBody, events by engine.MaxEventLength.
package store
