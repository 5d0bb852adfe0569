package store

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/seed-456efde2/nurture/engine"
)

// Revision is a program that decided, or may have, with the sources it was made
// from.
type Revision struct {
	Number  uint32            `json:"number"` // from 1; given by the runner, rising
	Digest  string            `json:"digest"` // of the compiled meaning
	At      engine.Time       `json:"at"`     // when it took effect
	Author  string            `json:"author,omitempty"`
	Sources map[string][]byte `json:"-"` // path → text; read with Sources

	// Base is the revision that runs, where this one is its canary: it decides about
	// some of the leads only. 0: this one runs, or did.
	Base uint32 `json:"base,omitempty"`
	// Candidate is the digest of the rules that the canary is to become, which are
	// what Sources says; the canary itself is made of them and of Base.
	Candidate string         `json:"candidate,omitempty"`
	Canary    *engine.Canary `json:"canary,omitempty"`
	// Promoted are the canaries whose runs belong to the rules of this revision.
	Promoted []uint32 `json:"promoted,omitempty"`
}

// maxChunk bounds one row of an archive, so that it stays beside its key.
const maxChunk = 512 << 10

func revisionKey(number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{globalRow, 'r'}, number)
}

func sourcesPrefix(digest string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{globalRow, 's'}, uint16(len(digest)))
	return append(b, digest...)
}

// SaveRevision archives a revision, durably: its sources once for each digest.
// Any goroutine may call it, before the Write whose anchors name the revision.
func (s *Store) SaveRevision(r Revision) error {
	if r.Number == 0 || r.Digest == "" || len(r.Digest) > 256 {
		return fmt.Errorf("save revision %d: it needs a number from 1 on and a digest of 1 to 256 bytes", r.Number)
	}
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	row, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("save revision %d: %w", r.Number, err)
	}
	if err := s.saveSources(r); err != nil {
		return fmt.Errorf("save sources of revision %d: %w", r.Number, err)
	}
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	if err := txn.Set(revisionKey(r.Number), row); err != nil {
		return fmt.Errorf("save revision %d: %w", r.Number, err)
	}
	if err := txn.Commit(); err != nil {
		return s.fail(fmt.Errorf("save revision %d: %w", r.Number, err))
	}
	return nil
}

// saveSources writes the sources of a digest, a row a transaction; the revision's
// own row comes after them, so no revision lacks its sources.
func (s *Store) saveSources(r Revision) error {
	archive, err := pack(r.Sources)
	if err != nil {
		return err
	}
	prefix := sourcesPrefix(r.Digest)
	for n := 0; len(archive) > 0 || n == 0; n++ {
		chunk := archive[:min(len(archive), maxChunk)]
		archive = archive[len(chunk):]
		txn := s.db.NewTransaction(true)
		err := txn.Set(binary.BigEndian.AppendUint16(prefix[:len(prefix):len(prefix)], uint16(n)), chunk)
		if err == nil {
			err = txn.Commit()
		}
		txn.Discard()
		if err != nil {
			return s.fail(err)
		}
	}
	return nil
}

// Revisions are all revisions, oldest first, without their sources.
func (s *Store) Revisions() ([]Revision, error) {
	var all []Revision
	prefix := []byte{globalRow, 'r'}
	err := s.scan(prefix, prefix, func(_, value []byte) error {
		var r Revision
		if err := json.Unmarshal(value, &r); err != nil {
			return fmt.Errorf("read revision %d: %w", len(all)+1, err)
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

// LastRevision is the newest revision, without its sources; nil when there is
// none.
func (s *Store) LastRevision() (*Revision, error) {
	all, err := s.Revisions()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[len(all)-1], nil
}

// Sources are the files that the program of a digest was made from; nil when the
// digest is unknown.
func (s *Store) Sources(digest string) (map[string][]byte, error) {
	var archive []byte
	found := false
	prefix := sourcesPrefix(digest)
	err := s.scan(prefix, prefix, func(_, chunk []byte) error {
		found = true
		archive = append(archive, chunk...)
		return nil
	})
	if err != nil || !found {
		return nil, err
	}
	files, err := unpack(archive)
	if err != nil {
		return nil, fmt.Errorf("read sources of %s: %w", digest, err)
	}
	return files, nil
}

// pack compresses files. Equal files give equal bytes.
func pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	if err := json.NewEncoder(zip).Encode(files); err != nil { // sorts by path
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpack(archive []byte) (map[string][]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	return files, json.Unmarshal(text, &files)
}
