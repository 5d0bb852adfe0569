package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// AuditEntry is a change that somebody asked for: who, when, what, and what came of
// it. It holds no personal data: a lead is named by its id.
//
// An entry is written before the change is made, and again with its outcome. One
// without an outcome is of a change during which the process ended: whether it was
// made is seen from what it changes.
type AuditEntry struct {
	Seq    uint64      `json:"-"` // given by the store, from 1
	At     engine.Time `json:"at"`
	Who    string      `json:"who"`           // name of the key
	Key    string      `json:"key,omitempty"` // id of the key, where it has one
	Via    string      `json:"via"`           // "api", "console", "folder"
	Action string      `json:"action"`
	Target string      `json:"target,omitempty"`
	Status int         `json:"status,omitempty"` // of the answer; 0: the outcome is not known
	Code   string      `json:"code,omitempty"`   // of the problem, where it was refused
}

// maxAudit bounds the audit log; older entries leave it.
const maxAudit = 200_000

func auditKey(seq uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{auditRow}, seq)
}

// BeginAudit keeps an entry durably and numbers it. Entries of before the given
// instant leave the log then, and those beyond its bound. Any goroutine may call
// it.
func (s *Store) BeginAudit(e AuditEntry, keepFrom engine.Time) (seq uint64, err error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	s.auditing.Lock()
	defer s.auditing.Unlock()
	if seq, err = s.lastAudit(); err != nil {
		return 0, fmt.Errorf("write the audit log: %w", err)
	}
	e.Seq = seq + 1
	if err := s.saveAudit(&e); err != nil {
		return 0, err
	}
	return e.Seq, s.trimAudit(e.Seq, keepFrom)
}

// EndAudit keeps an entry again, with its outcome.
func (s *Store) EndAudit(e AuditEntry) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	return s.saveAudit(&e)
}

func (s *Store) saveAudit(e *AuditEntry) error {
	row, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	if err := s.put(auditKey(e.Seq), row); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// lastAudit is the number of the newest entry.
func (s *Store) lastAudit() (seq uint64, err error) {
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte{auditRow}})
	defer rows.Close()
	if rows.Seek(auditKey(noRow)); rows.Valid() {
		seq = binary.BigEndian.Uint64(rows.Item().Key()[1:])
	}
	return seq, nil
}

// trimAtOnce is how many old entries one new one takes away at most.
const trimAtOnce = 100

func (s *Store) trimAudit(last uint64, keepFrom engine.Time) error {
	var old [][]byte
	prefix := []byte{auditRow}
	err := s.scan(prefix, prefix, func(key, value []byte) error {
		var e AuditEntry
		if err := json.Unmarshal(value, &e); err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		seq := binary.BigEndian.Uint64(key[1:])
		if len(old) == trimAtOnce || e.At >= keepFrom && last-seq < maxAudit {
			return ErrStop
		}
		old = append(old, append([]byte{}, key...))
		return nil
	})
	if err != nil || len(old) == 0 {
		return err
	}
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	for _, key := range old {
		if err := txn.Delete(key); err != nil {
			return fmt.Errorf("trim the audit log: %w", err)
		}
	}
	if err := txn.Commit(); err != nil {
		return s.fail(err)
	}
	return nil
}

// Audit calls yield with the entries before the given one (0: the newest), newest
// first. It stops at the first error and returns it; ErrStop is none.
func (s *Store) Audit(before uint64, yield func(*AuditEntry) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if before == 0 {
		before = noRow
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	rows := txn.NewIterator(badger.IteratorOptions{Reverse: true, Prefix: []byte{auditRow}})
	defer rows.Close()
	for rows.Seek(auditKey(before - 1)); rows.Valid(); rows.Next() {
		e := AuditEntry{Seq: binary.BigEndian.Uint64(rows.Item().Key()[1:])}
		if err := rows.Item().Value(func(v []byte) error { return json.Unmarshal(v, &e) }); err != nil {
			return fmt.Errorf("read the audit log, entry %d: %w", e.Seq, err)
		}
		switch err := yield(&e); {
		case errors.Is(err, ErrStop):
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}
