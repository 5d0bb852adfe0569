package rollout

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Notes is where a rollout is kept: small texts under names, each durable when the
// call returns.
type Notes interface {
	SaveNote(name string, text []byte) error
	Note(name string) ([]byte, error)
}

// Keeper keeps the rollout that is under way or ended last, the files of its
// candidate, and a list of those before.
type Keeper struct{ Notes Notes }

// The names of what is kept.
const (
	stateNote = "rollout"
	pastNote  = "rollouts past"
	filesNote = "rollout files"
	heldNote  = "rollout refused"
)

// maxPast is how many rollouts are remembered.
const maxPast = 50

// maxHeld is how many refused changes are remembered beside one running revision.
const maxHeld = 200

// maxChunk bounds one text.
const maxChunk = 512 << 10

// Load gives the rollout that is under way or ended last, nil when there never was
// one.
func (k Keeper) Load() (*State, error) {
	text, err := k.Notes.Note(stateNote)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	s := &State{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read the rollout: %w", err)
	}
	return s, nil
}

// Save keeps a rollout as it stands.
func (k Keeper) Save(s *State) error { return k.put(stateNote, s) }

// Begin keeps a new rollout with the files of its candidate, in an order in which
// a rollout never lacks its files. The one before it is remembered.
func (k Keeper) Begin(s *State, files map[string][]byte) error {
	if err := k.saveFiles(s.Candidate, files); err != nil {
		return fmt.Errorf("keep the files of the rollout: %w", err)
	}
	return k.Save(s)
}

// Past are the rollouts that ended, the latest first.
func (k Keeper) Past() ([]State, error) {
	text, err := k.Notes.Note(pastNote)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	var list []State
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the past rollouts: %w", err)
	}
	return list, nil
}

// Finish keeps a rollout that ended and remembers it. Who does it again, after a
// crash between the two, remembers it once.
func (k Keeper) Finish(s *State) error {
	past, err := k.Past()
	if err != nil {
		return err
	}
	if len(past) == 0 || past[0].Began != s.Began || past[0].Candidate != s.Candidate {
		past = append([]State{*s}, past...)
	} else {
		past[0] = *s
	}
	if err := k.put(pastNote, past[:min(len(past), maxPast)]); err != nil {
		return err
	}
	return k.Save(s)
}

// refused are the changes that were tried beside some rules and taken back.
type refused struct {
	Base       string   `json:"base"`       // digest of the rules that ran
	Candidates []string `json:"candidates"` // digests of the changes, the latest last
}

func (k Keeper) held() (r refused, err error) {
	text, err := k.Notes.Note(heldNote)
	if err != nil || len(text) == 0 {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("read which changes were taken back: %w", err)
	}
	return r, nil
}

// Refuse remembers that a change was taken back by a guard or by hand. What was refused
// beside other rules than these is forgotten: beside new rules everything is tried anew.
func (k Keeper) Refuse(base, candidate string) error {
	r, err := k.held()
	if err != nil {
		return err
	}
	if r.Base != base {
		r = refused{Base: base}
	}
	r.Candidates = append(slices.DeleteFunc(r.Candidates, func(c string) bool { return c == candidate }), candidate)
	r.Candidates = r.Candidates[max(0, len(r.Candidates)-maxHeld):]
	return k.put(heldNote, r)
}

// Refused reports whether a change was taken back beside these rules, whatever else was
// tried since without coming to stay.
func (k Keeper) Refused(base, candidate string) (bool, error) {
	r, err := k.held()
	return err == nil && r.Base == base && slices.Contains(r.Candidates, candidate), err
}

func (k Keeper) put(name string, value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		err = k.Notes.SaveNote(name, text)
	}
	if err != nil {
		return fmt.Errorf("keep the rollout: %w", err)
	}
	return nil
}

// filesHead says whose files are kept, in how many chunks.
type filesHead struct {
	Candidate string `json:"candidate"`
	Chunks    int    `json:"chunks"`
}

func chunkNote(i int) string { return fmt.Sprintf("%s %d", filesNote, i) }

// saveFiles writes the chunks first and then the head that names them. While that is
// done the head says nothing.
func (k Keeper) saveFiles(candidate string, files map[string][]byte) error {
	text, err := json.Marshal(files)
	if err != nil {
		return err
	}
	if err := k.put(filesNote, filesHead{}); err != nil {
		return err
	}
	head := filesHead{Candidate: candidate}
	for len(text) > 0 {
		n := min(len(text), maxChunk)
		if err := k.Notes.SaveNote(chunkNote(head.Chunks), text[:n]); err != nil {
			return err
		}
		head.Chunks, text = head.Chunks+1, text[n:]
	}
	return k.put(filesNote, head)
}

// Files are the files of a candidate, nil when they are not kept.
func (k Keeper) Files(candidate string) (map[string][]byte, error) {
	text, err := k.Notes.Note(filesNote)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	var head filesHead
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("read the files of the rollout: %w", err)
	}
	if head.Candidate != candidate {
		return nil, nil
	}
	var all []byte
	for i := range head.Chunks {
		chunk, err := k.Notes.Note(chunkNote(i))
		if err != nil {
			return nil, err
		}
		all = append(all, chunk...)
	}
	files := map[string][]byte{}
	if err := json.Unmarshal(all, &files); err != nil {
		return nil, fmt.Errorf("read the files of the rollout: %w", err)
	}
	return files, nil
}
