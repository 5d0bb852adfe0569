package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// accountKey is the key of the lead's account as it is now.
func (pl *player) accountKey() (attr, key string, err error) {
	spec := pl.sim.Program().Spec().Account
	if spec == nil {
		return "", "", errors.New("the workspace declares no account")
	}
	key = pl.sim.Read(pl.sim.Lead(pl.lead), engine.Key{Kind: engine.KeyLead, Name: spec.Key}).Text()
	if key == "" {
		return "", "", fmt.Errorf("the lead has no account: lead.%s is empty", spec.Key)
	}
	return spec.Key, key, nil
}

// colleague lets another lead of the account do something.
func (pl *player) colleague(c *dsl.TestColleague) error {
	attr, key, err := pl.accountKey()
	if err != nil {
		return err
	}
	id := engine.Identifier{Kind: engine.ByKey, Value: "colleague of the test: " + c.Name}.Lead()
	if !slices.Contains(pl.mates, id) {
		pl.mates = append(pl.mates, id)
	}
	at := func(kind engine.EventKind, name string, fields []engine.Field) error {
		pl.n++
		_, err := pl.sim.Submit(engine.Event{
			Kind: kind, Name: name, ID: fmt.Sprintf("%06d", pl.n), Source: "test", Lead: id, At: pl.sim.Now(), Fields: fields,
		})
		return err
	}
	if err := at(engine.Identify, "", []engine.Field{{Name: attr, Value: engine.TextValue(key)}}); err != nil {
		return err
	}
	for _, e := range c.Events {
		if err := at(engine.Track, e.Wire, e.Fields); err != nil {
			return err
		}
	}
	return nil
}

// company lets something become known of the lead's account.
func (pl *player) company(fields []engine.Field) error {
	_, key, err := pl.accountKey()
	if err != nil {
		return err
	}
	if err := pl.sim.Advance(pl.sim.Now().Add(1)); err != nil {
		return err
	}
	return pl.submit(engine.Group, "", append(slices.Clone(fields), engine.Field{Name: "groupId", Value: engine.TextValue(key)}))
}
