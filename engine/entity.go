package engine

// What crosses leads has a row of its own, an entity: the desk of somebody in
// sales, whose day has room for so many leads; an account, of which one lead is
// handed over and not five. An entity is kept, decided and recorded as a lead is:
// its row is a Lead whose Entity is set, it lies in the partition of its own id,
// one goroutine at a time decides about it, and its journal says what it did.
//
// Leads and entities speak by facts, both ways, which are Effects.Posts and so are
// durable with the decision that wrote them:
//
//	lead  ── Ask ──▶  entity      Name says what is asked, Action which act it is about
//	lead  ◀── Tell ── entity      the same
//
// A lead that asks goes on without an answer, and takes the answer as a fact of
// its own when it comes: at the same instant in the simulator and where nothing
// stands in the way, days later where a desk is full.
//
// To add a kind:
//
//  1. give it an EntityKind and an IdentifierKind (its id is
//     Identifier{kind, name}.Lead(), so nobody has to look it up);
//  2. give Lead a pointer to its state, and putEntity and readEntity a case;
//  3. write its decision, and name it in Frame.entity; what every entity does
//     (first sight, revision, lead time, the row of its journal) is done there;
//  4. ask it with Frame.askEntity, and take what it tells in Frame.told.
//
// What lists, counts or searches leads leaves out a row whose Entity is set (see
// RowEntity). A walk that lets everybody hear of changed rules does not: that is
// how a desk learns that it has more room.

// EntityKind says what a row stands for.
type EntityKind uint8

// The kinds of row.
const (
	NoEntity      EntityKind = iota // a lead
	EntityDesk                      // what an owner in sales can take, by Identifier{ByOwner, owner}
	EntityAccount                   // a company, by Identifier{ByAccount, its key}
	EntityKPI                       // a watched figure under one combination of labels: see FigureState
	EntityReview                    // a scheduled report: see ReviewState
)

var entityNames = [...]string{"lead", "desk", "account", "kpi", "review"}

// String is the kind's word.
func (k EntityKind) String() string {
	if int(k) < len(entityNames) {
		return entityNames[k]
	}
	return "entity"
}

// identifier is the kind of the name under which an entity is found.
func (k EntityKind) identifier() IdentifierKind {
	switch k {
	case EntityDesk:
		return ByOwner
	case EntityKPI:
		return ByFigure
	case EntityReview:
		return ByReview
	}
	return ByAccount
}

// EntityID is the id of an entity of that name.
func EntityID(kind EntityKind, name string) LeadID {
	return Identifier{kind.identifier(), name}.Lead()
}

// RowEntity reads from a stored row what it stands for.
func RowEntity(row []byte) EntityKind {
	if len(row) < 2 || row[0] != leadFormat {
		return NoEntity
	}
	return EntityKind(row[1])
}

func putEntity(b []byte, l *Lead) []byte {
	switch l.Entity {
	case NoEntity:
		return putOthers(b, l)
	case EntityDesk:
		return putDesk(b, l.Desk)
	case EntityAccount:
		return putAccount(b, l)
	case EntityKPI:
		return putFigure(b, l.Figure)
	case EntityReview:
		return putReview(b, l.Review)
	}
	return b
}

func (r *reader) readEntity(l *Lead) {
	l.Desk, l.Guards, l.Figure, l.Review = nil, nil, nil, nil
	l.Account, l.Colleagues, l.Conflicts, l.Apart = nil, nil, nil, nil
	switch l.Entity {
	case NoEntity:
		r.others(l)
	case EntityDesk:
		l.Desk = r.desk()
	case EntityAccount:
		l.Guards = r.guards()
		l.Account = r.account()
	case EntityKPI:
		l.Figure = r.figure()
	case EntityReview:
		l.Review = r.review()
	default:
		r.fail()
	}
}

// askEntity posts a question to an entity. The entity's kind and name go along,
// because the one that is asked may never have been asked before.
func (f *Frame) askEntity(kind EntityKind, name, what string, act ActionKey, fields ...Field) {
	f.fx.Posts = append(f.fx.Posts, Event{
		Kind: Ask, Lead: EntityID(kind, name), Other: f.l.ID, Source: kind.String(), User: name,
		Name: what, Action: act, At: f.l.Now, Received: f.wall, Fields: fields,
	})
}

// tell posts an entity's word to a lead.
func (f *Frame) tell(lead LeadID, what string, act ActionKey, e *Event, fields ...Field) {
	f.fx.Posts = append(f.fx.Posts, Event{
		Kind: Tell, Lead: lead, Other: f.l.ID, Source: f.l.Entity.String(), User: f.l.User,
		Name: what, Action: act, At: e.At, Received: e.Received, Fields: fields,
	})
}

// entity decides about an entity. A fact that is not for it changes nothing: an
// entity has no attributes, no scores and no stage.
func (f *Frame) entity(e *Event) error {
	l := f.l
	if l.Entity == NoEntity && !f.founded(e) {
		return nil
	}
	if e.Kind != Ask && e.Kind != Tick && l.Entity != EntityKPI && l.Entity != EntityReview {
		return nil
	}
	fresh := l.Revision != f.p.revision || l.Ruling != f.p.ruling()
	l.Revision, l.Ruling = f.p.revision, f.p.ruling()
	l.Now = max(l.Now, e.At)
	f.begin(e)
	switch l.Entity {
	case EntityDesk:
		f.desk(e, fresh)
	case EntityAccount:
		f.account(e, fresh)
	case EntityKPI:
		f.figure(e)
	case EntityReview:
		f.review(e)
	}
	if !f.acted() && (e.Kind == Tick && len(f.fx.Posts) == 0 || accountHears(l, e)) {
		return nil // there was nothing to do, and nothing to tell of
	}
	l.Seq++
	f.fx.Facts = append(f.fx.Facts, Fact{
		Seq: l.Seq, Revision: f.p.revision, Event: *e,
		Derived:   f.derived[f.rowStart.derived:len(f.derived):len(f.derived)],
		Decisions: f.decisions[f.rowStart.decisions:len(f.decisions):len(f.decisions)],
	})
	return nil
}

// founded makes the entity that is asked for the first time.
func (f *Frame) founded(e *Event) bool {
	l := f.l
	if e.Kind != Ask || l.FirstSeen != 0 {
		return false
	}
	for _, kind := range [...]EntityKind{EntityDesk, EntityAccount, EntityKPI, EntityReview} {
		if kind.String() == e.Source && EntityID(kind, e.User) == l.ID {
			l.Entity, l.User, l.FirstSeen, l.Now = kind, e.User, e.At, e.At
			switch kind {
			case EntityDesk:
				l.Desk = &Desk{}
			case EntityKPI:
				l.Figure = &FigureState{}
			case EntityReview:
				l.Review = &ReviewState{}
			}
			return true
		}
	}
	return false
}

// told decides what an entity tells a lead.
func (f *Frame) told(e *Event) error {
	if e.Name == accountWord {
		return f.toldWord(e)
	}
	f.runTimers(e.At, e.Received, 0)
	f.wall = e.Received
	f.begin(e)
	f.settleEdges(e.At)
	f.look(&f.l.Folds, f.l.Now, nil, nil)
	switch e.Name {
	case deskTurn:
		f.turn(e)
	case accountFree, accountTaken:
		f.accountSays(e)
	}
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	f.end(e)
	return nil
}
