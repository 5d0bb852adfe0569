package main

import (
	"database/sql"
	"fmt"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// Program is the job by hand: tables for what is known, what happened, what is
// due and what must go out, all changed by one transaction a batch. It keeps no
// state of its own beside SQLite's, so a restart needs nothing but Open.
//
// It is written plainly, through database/sql with prepared statements. Calling
// the driver directly saves about a third of the time, at the price of code that
// nobody writes in a day; rows inserted many at a time save nothing.
type Program struct {
	db    *sql.DB
	path  string
	rules Rules
	sink  func(Effect)
	once  bool // a message id counts once

	stmts    []*sql.Stmt
	effects  []Effect // of the batch at hand
	outbox   int64    // greatest outbox id handed out
	sent     int64    // greatest outbox id that the sink has had
	loadLead *sql.Stmt
	saveLead *sql.Stmt
	addEvent *sql.Stmt
	addTimer *sql.Stmt
	addOut   *sql.Stmt
	dropOut  *sql.Stmt
	due      *sql.Stmt
	dropDue  *sql.Stmt
}

// Effect is an act on its way to the sink, which does nothing.
type Effect struct {
	Out   int64 // outbox id
	Lead  int64
	Act   Act
	Event int // place in the batch of the event that caused it; -1: a timer
}

const schema = `
CREATE TABLE IF NOT EXISTS lead (
	id INTEGER PRIMARY KEY, industry INTEGER NOT NULL, score INTEGER NOT NULL,
	tossed_up INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, opened INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS event (
	id INTEGER PRIMARY KEY, lead INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, message TEXT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS timer (
	due INTEGER NOT NULL, lead INTEGER NOT NULL, PRIMARY KEY (due, lead)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
	id INTEGER PRIMARY KEY, lead INTEGER NOT NULL, act INTEGER NOT NULL);`

// parity adds what nurture keeps too: a message id counts once, and a lead's
// history can be read without reading everybody's.
const parity = `
CREATE UNIQUE INDEX IF NOT EXISTS event_message ON event (message);
CREATE INDEX IF NOT EXISTS event_lead ON event (lead, at);`

// Settings says how a Program is opened.
type Settings struct {
	Dir    string
	Rules  int
	Parity bool // message ids count once, history is indexed by lead
	// Checkpoint is how many pages the log may hold before they are moved into
	// the database file. Default: SQLite's 1,000. Sixteen times as many make
	// batches over a million leads almost half as fast again, and their 99th
	// percentile twice as slow.
	Checkpoint int
	NoSync     bool // do not sync commits: tests only
	Sink       func(Effect)
}

// Open opens the database, makes its tables where they are missing and hands to
// the sink what an earlier process left in the outbox.
func Open(s Settings) (*Program, error) {
	path := filepath.Join(s.Dir, "peer.db")
	sync := "FULL"
	if s.NoSync {
		sync = "OFF"
	}
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous="+sync+"&_cache_size=-65536&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	p := &Program{db: db, path: path, rules: NewRules(s.Rules), sink: s.Sink, once: s.Parity}
	tables := schema
	if s.Parity {
		tables += parity
	}
	if s.Checkpoint > 0 {
		tables += fmt.Sprintf("PRAGMA wal_autocheckpoint = %d;", s.Checkpoint)
	}
	if _, err := db.Exec(tables); err != nil {
		return nil, fmt.Errorf("create tables: %w", err)
	}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	return p, p.resume()
}

func (p *Program) prepare() error {
	insert := "INSERT INTO event (lead, at, kind, body) VALUES (?, ?, ?, ?)"
	if p.once {
		insert = "INSERT INTO event (lead, at, kind, body, message) VALUES (?, ?, ?, ?, ?) ON CONFLICT (message) DO NOTHING"
	}
	for _, s := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&p.loadLead, "SELECT industry, score, tossed_up, due, opened FROM lead WHERE id = ?"},
		{&p.saveLead, "UPDATE lead SET score = ?, tossed_up = ?, due = ?, opened = ? WHERE id = ?"},
		{&p.addEvent, insert},
		{&p.addTimer, "INSERT INTO timer (due, lead) VALUES (?, ?)"},
		{&p.addOut, "INSERT INTO outbox (id, lead, act) VALUES (?, ?, ?)"},
		{&p.dropOut, "DELETE FROM outbox WHERE id <= ?"},
		{&p.due, "SELECT due, lead FROM timer WHERE due <= ? ORDER BY due, lead LIMIT 1000"},
		{&p.dropDue, "DELETE FROM timer WHERE due = ? AND lead = ?"},
	} {
		stmt, err := p.db.Prepare(s.sql)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", s.sql, err)
		}
		*s.to, p.stmts = stmt, append(p.stmts, stmt)
	}
	return nil
}

// resume sends what stood in the outbox when the last process ended. The sink
// may have had it already; a real one would know it by its id.
func (p *Program) resume() error {
	rows, err := p.db.Query("SELECT id, lead, act FROM outbox ORDER BY id")
	if err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e := Effect{Event: -1}
		if err := rows.Scan(&e.Out, &e.Lead, &e.Act); err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		p.sink(e)
		p.outbox, p.sent = e.Out, e.Out
	}
	return rows.Err()
}

// Close closes the database.
func (p *Program) Close() error {
	for _, s := range p.stmts {
		s.Close()
	}
	return p.db.Close()
}

// Preload makes the workload's leads, each with the event of its first points.
func (p *Program) Preload(w Workload) error {
	const chunk = 10_000
	for from := 0; from < w.Leads; from += chunk {
		err := p.transact(func(tx *sql.Tx) error {
			addEvent := tx.Stmt(p.addEvent)
			for id := int64(from); id < int64(min(from+chunk, w.Leads)); id++ {
				e := w.Import(id)
				if _, err := p.record(addEvent, &e); err != nil {
					return err
				}
				if _, err := tx.Exec("INSERT INTO lead (id, industry, score) VALUES (?, ?, ?)", id, Industry(id), w.Points(id)); err != nil {
					return fmt.Errorf("add lead %d: %w", id, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return p.checkpoint()
}

// Apply decides about the events, in order, in one transaction, and hands what
// follows from them to the sink once it is durable. It tells sent, unless nil, of
// each.
func (p *Program) Apply(events []Event, sent func(Effect)) error {
	p.effects = p.effects[:0]
	err := p.transact(func(tx *sql.Tx) error {
		if _, err := tx.Stmt(p.dropOut).Exec(p.sent); err != nil {
			return fmt.Errorf("empty outbox: %w", err)
		}
		if err := p.applyEvents(tx, events); err != nil {
			return err
		}
		return p.fireTimers(tx, events[len(events)-1].At)
	})
	if err != nil {
		return err
	}
	for _, e := range p.effects {
		p.sink(e)
		p.sent = e.Out
		if sent != nil {
			sent(e)
		}
	}
	return nil
}

func (p *Program) applyEvents(tx *sql.Tx, events []Event) error {
	load, save, record := tx.Stmt(p.loadLead), tx.Stmt(p.saveLead), tx.Stmt(p.addEvent)
	for i := range events {
		e := &events[i]
		fresh, err := p.record(record, e)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		l := Lead{ID: e.Lead}
		if err := load.QueryRow(l.ID).Scan(&l.Industry, &l.Score, &l.TossedUp, &l.Due, &l.Opened); err != nil {
			return fmt.Errorf("load lead %d: %w", l.ID, err)
		}
		before := l
		acts := p.rules.Decide(&l, e)
		if l != before {
			if _, err := save.Exec(l.Score, l.TossedUp, l.Due, l.Opened, l.ID); err != nil {
				return fmt.Errorf("save lead %d: %w", l.ID, err)
			}
		}
		if err := p.carryOut(tx, &l, acts, i); err != nil {
			return err
		}
	}
	return nil
}

// record stores the event and says whether it was seen for the first time.
func (p *Program) record(stmt *sql.Stmt, e *Event) (bool, error) {
	if !p.once {
		_, err := stmt.Exec(e.Lead, e.At, e.Kind, e.Body)
		if err != nil {
			return false, fmt.Errorf("store event: %w", err)
		}
		return true, nil
	}
	res, err := stmt.Exec(e.Lead, e.At, e.Kind, e.Body, e.ID)
	if err != nil {
		return false, fmt.Errorf("store event: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (p *Program) carryOut(tx *sql.Tx, l *Lead, acts Act, event int) error {
	if acts&TossUp != 0 {
		if err := p.post(tx, l.ID, TossUp, event); err != nil {
			return err
		}
	}
	if acts&Mail1 != 0 {
		if _, err := tx.Stmt(p.addTimer).Exec(l.Due, l.ID); err != nil {
			return fmt.Errorf("arm timer: %w", err)
		}
		return p.post(tx, l.ID, Mail1, event)
	}
	return nil
}

func (p *Program) post(tx *sql.Tx, lead int64, act Act, event int) error {
	p.outbox++
	if _, err := tx.Stmt(p.addOut).Exec(p.outbox, lead, act); err != nil {
		return fmt.Errorf("fill outbox: %w", err)
	}
	p.effects = append(p.effects, Effect{p.outbox, lead, act, event})
	return nil
}

// fireTimers ends the waits that are over at now. An open counts by its own
// time, so the place of the batch's border does not matter.
func (p *Program) fireTimers(tx *sql.Tx, now int64) error {
	for {
		due, err := p.dueBy(tx, now)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, l := range due {
			if _, err := tx.Stmt(p.dropDue).Exec(l.Due, l.ID); err != nil {
				return fmt.Errorf("drop timer: %w", err)
			}
			if err := tx.Stmt(p.loadLead).QueryRow(l.ID).Scan(&l.Industry, &l.Score, &l.TossedUp, &l.Due, &l.Opened); err != nil {
				return fmt.Errorf("load lead %d: %w", l.ID, err)
			}
			if !l.Opened {
				continue
			}
			if err := p.post(tx, l.ID, Mail2, -1); err != nil {
				return err
			}
		}
	}
}

func (p *Program) dueBy(tx *sql.Tx, now int64) ([]Lead, error) {
	rows, err := tx.Stmt(p.due).Query(now)
	if err != nil {
		return nil, fmt.Errorf("read timers: %w", err)
	}
	defer rows.Close()
	var due []Lead
	for rows.Next() {
		var l Lead
		if err := rows.Scan(&l.Due, &l.ID); err != nil {
			return nil, fmt.Errorf("read timers: %w", err)
		}
		due = append(due, l)
	}
	return due, rows.Err()
}

// ScoreSum adds up the scores as they stand in the database.
func (p *Program) ScoreSum() (int64, error) {
	var sum int64
	err := p.db.QueryRow("SELECT sum(score) FROM lead").Scan(&sum)
	return sum, err
}

// checkpoint moves what the log holds into the database file, so that its size
// on disk can be read.
func (p *Program) checkpoint() error {
	_, err := p.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// transact runs do in a transaction, which is durable when it returns nil.
func (p *Program) transact(do func(*sql.Tx) error) error {
	tx, err := p.db.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(tx); err != nil {
		return fmt.Errorf("batch: %w (rolled back: %v)", err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
