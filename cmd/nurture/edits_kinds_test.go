package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// change changes the book in one of many ways that are well formed. Whether a step may
// go depends on who stands there: see put.
func (d *editsDesk) change() {
	b := d.book
	b.Stamp = d.stamp()
	flow := b.Flows[d.rng.IntN(len(b.Flows))]
	lists := flow.places()
	list := lists[d.rng.IntN(len(lists))]
	switch d.rng.IntN(19) {
	case 0:
		b.Hot = 1 + d.rng.IntN(6)
	case 1:
		b.Points = 1 + d.rng.IntN(3)
	case 2, 3:
		d.changeWait(flow)
	case 4:
		*list = slices.Insert(*list, d.rng.IntN(len(*list)+1), d.newStep(false))
	case 5:
		d.remove(flow, list, true)
	case 6:
		d.remove(flow, list, false)
	case 7, 8:
		d.rename(flow, (*list)[d.rng.IntN(len(*list))])
	case 9:
		d.rng.Shuffle(len(*list), func(i, j int) { (*list)[i], (*list)[j] = (*list)[j], (*list)[i] })
	case 10:
		flow.Least = d.rng.IntN(6)
		for _, l := range lists {
			for _, s := range *l {
				if s.Kind == "branch" {
					s.Least = 1 + d.rng.IntN(9)
				}
			}
		}
	case 11:
		d.note = fmt.Sprintf("note %d for {{ lead.who ?? 'nobody' }}\n", b.Stamp)
	case 12:
		d.folder.spread()
	case 13:
		d.addOrDrop(b)
	case 14:
		d.forgetMoves(flow)
	case 15, 16:
		d.changeWait(flow)
		d.changeWait(b.Flows[d.rng.IntN(len(b.Flows))])
	case 17:
		*list = slices.Insert(*list, 0, d.newStep(true))
	case 18:
		d.become((*list)[d.rng.IntN(len(*list))])
	}
}

// stamp is the number of an edit.
func (d *editsDesk) stamp() int {
	d.names++
	return d.names
}

func (d *editsDesk) changeWait(flow *flowRule) {
	for _, list := range flow.places() {
		for _, s := range *list {
			if (s.Kind == "wait" || s.Kind == "listen") && d.rng.IntN(2) == 0 {
				s.Recompute = d.rng.IntN(2) == 0
				if s.Seconds = d.long(); d.rng.IntN(3) == 0 && s.Kind == "wait" {
					s.Seconds = 1 + d.rng.IntN(4)
				}
			}
		}
	}
}

// remove takes a step out, with or without a word on where its leads go. A branch goes
// with what is in it.
func (d *editsDesk) remove(flow *flowRule, list *[]*stepRule, told bool) {
	if len(*list) < 2 {
		return
	}
	i := d.rng.IntN(len(*list))
	gone := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	to := (*list)[min(i, len(*list)-1)].Name
	for _, name := range namesWithin(gone) {
		flow.retarget(name, to)
		if told {
			flow.Moved[name] = to
		}
	}
}

// namesWithin are the names of a step and of those in its ways.
func namesWithin(s *stepRule) []string {
	names := []string{s.Name}
	for _, k := range slices.Concat(s.Big, s.Other) {
		names = append(names, namesWithin(k)...)
	}
	return names
}

// become lets a step be of another kind under its name.
func (d *editsDesk) become(s *stepRule) {
	if other := d.newStep(false); s.Kind != "branch" {
		s.Kind, s.Seconds, s.Recompute = other.Kind, other.Seconds, other.Recompute
	}
}

func (d *editsDesk) rename(flow *flowRule, s *stepRule) {
	was := s.Name
	s.Name = d.name(s.Kind)
	flow.retarget(was, s.Name)
	flow.Moved[was] = s.Name
}

// addOrDrop lets a workflow come or go; its leads go with it.
func (d *editsDesk) addOrDrop(b *ruleBook) {
	if len(b.Flows) < 4 {
		b.Flows = append(b.Flows, d.newFlow([]string{"alpha", "beta"}[d.rng.IntN(2)]))
		return
	}
	i := d.rng.IntN(len(b.Flows))
	b.Flows = slices.Delete(b.Flows, i, i+1)
}

// forgetMoves takes moved blocks away whose leads have all gone where they say, or not.
func (d *editsDesk) forgetMoves(flow *flowRule) {
	for _, from := range sortedKeys(flow.Moved) {
		if d.rng.IntN(2) == 0 {
			delete(flow.Moved, from)
		}
	}
}

// mendStranded says of every step that some earlier revision had and this one has not
// where its leads go.
func (d *editsDesk) mendStranded() {
	d.book.Stamp = d.stamp()
	for number := range d.status().Revision {
		earlier := readBook(d.archivedOnce(number + 1))
		for _, flow := range d.book.Flows {
			was := earlier.flow(flow.Name)
			if was == nil {
				continue
			}
			here := flow.stops()
			for name := range was.stops() {
				if here[name] == nil && flow.Moved[name] == "" {
					flow.Moved[name] = flow.Steps[d.rng.IntN(len(flow.Steps))].Name
				}
			}
		}
	}
}

// bad are files that must not load, and a text that the refusal must have in it.
func (d *editsDesk) bad() (files map[string]string, mark string) {
	files = maps.Clone(d.last)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return !strings.HasSuffix(name, ".hcl") })
	flow := d.book.Flows[d.rng.IntN(len(d.book.Flows))]
	at := d.folder.home["flow_"+flow.Name]
	odd := d.name("nobody_")
	swap := func(file, old, new string) {
		text := strings.Replace(files[file], old, new, 1)
		if text == files[file] {
			d.t.Fatalf("%s has no %q to spoil", file, old)
		}
		files[file] = text
	}
	switch d.rng.IntN(11) {
	case 0: // half-written: within the last block of a file
		name := names[d.rng.IntN(len(names))]
		text := strings.TrimRight(files[name], "\n}")
		files[name] = text[:len(text)-d.rng.IntN(3)]
		return files, name
	case 1:
		swap(at, "on = event."+flow.On, "on = event."+odd)
		return files, odd
	case 2:
		swap(d.folder.home["hot"], "score.interest", "score."+odd)
		return files, odd
	case 3: // the same block twice
		odd += ".hcl"
		files[odd] = flow.text()
		return files, flow.Name
	case 4:
		swap(d.folder.home["hot"], "score.interest >=", "score.interest >= '"+odd+"' or score.interest >=")
		return files, odd
	case 5: // what a merge leaves behind
		files[at] = "<<<<<<< " + odd + "\n" + files[at] + "=======\n>>>>>>> theirs\n"
		return files, at
	case 6:
		swap(at, "  steps {\n", "  steps {\n    wait \""+odd+"\" { for = \"2 parsecs\" }\n")
		return files, "2 parsecs"
	case 7:
		files[at] += "\x80\xfe not a text\n"
		return files, at
	case 8:
		swap(at, "\n  exit \"stopped\"", "\n  moved {\n    from = step.long_gone\n    to   = step."+odd+"\n  }\n\n  exit \"stopped\"")
		return files, odd
	case 9: // a file that is missing
		delete(files, d.folder.home["base"])
		return files, ""
	default: // an empty deployment
		return map[string]string{"README.md": odd}, ""
	}
}
