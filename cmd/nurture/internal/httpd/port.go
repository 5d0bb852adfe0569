package httpd

import (
	"context"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// What this package asks of the rest of the program. The runner and the store
// stand behind these in the program, small fakes in the tests.

// Door is the way in: what changes anything. The runner's methods.
type Door interface {
	// Submit returns when every event is durable, or an error when none may be.
	Submit(ctx context.Context, events []engine.Event) ([]runner.Result, error)
	// Refuse keeps what clients sent that is not an event, durably.
	Refuse(ctx context.Context, letters []store.BadEvent) error
	// Redrive gives a dead letter another round, Discard forgets it.
	Redrive(ctx context.Context, lead engine.LeadID, key engine.ActionKey) error
	Discard(ctx context.Context, lead engine.LeadID, key engine.ActionKey) error
	// SetRulings changes what is decided about the rules while they run: pauses.
	SetRulings(ctx context.Context, change func(old *engine.Rulings) (*engine.Rulings, error)) (*engine.Rulings, error)
}

// Desk is what operators see of the runner; see DeskOf.
type Desk interface {
	Program() *engine.Program
	Status() runner.Status
	ToDurable() *runner.Histogram
	CommitTime() *runner.Histogram
	// Watch calls yield with what became durable, as it does, until ctx ends or the
	// runner stops. What a slow watcher missed it is told by number.
	Watch(ctx context.Context, yield func(updates []runner.Update, lost uint64)) error
}

// DeskOf makes a runner's Desk.
func DeskOf(r *runner.Runner) Desk { return desk{r} }

type desk struct{ *runner.Runner }

// watchWindow is how many updates wait for a watcher before the oldest are lost.
const watchWindow = 4096

func (d desk) Watch(ctx context.Context, yield func([]runner.Update, uint64)) error {
	feed := d.Subscribe(watchWindow)
	defer feed.Close()
	var updates []runner.Update
	for {
		var lost uint64
		var err error
		if updates, lost, err = feed.Read(ctx, updates[:0]); err != nil {
			return err
		}
		yield(updates, lost)
	}
}

// People is what the store knows about leads.
type People interface {
	Lead(id engine.LeadID, l *engine.Lead) (found bool, err error)
	Leads(part int, after engine.LeadID, limit int, yield func(id engine.LeadID, row []byte) error) error
	Facts(part int, lead engine.LeadID, yield func(*engine.Fact) error) error
	Resolve(i engine.Identifier) (lead engine.LeadID, found bool, err error)
	Partitions() int
}

// Ledger is what the store has counted and kept aside.
type Ledger interface {
	Counts(name string, fromHour, toHour int64, yield func(engine.Delta) error) error
	Dead(part int, key engine.ActionKey, d *engine.DeadAction) (found bool, err error)
	DeadActions(part int, after engine.ActionKey, limit int, yield func(*engine.DeadAction) error) error
	BadEvents(before uint64, limit int, yield func(*store.BadEvent) error) error
	Revisions() ([]store.Revision, error)
	Sources(digest string) (map[string][]byte, error)
}

// Workshop is where the rules come from and the plugins live.
type Workshop interface {
	// Rules tells how the last loading of the rules went.
	Rules() Rules
	// Reload loads the rules now. The error is for the caller; problems in the
	// rules are told by Rules.
	Reload(ctx context.Context) error
	Plugins() []Plugin
}

// Rules is the outcome of loading the rules.
type Rules struct {
	OK       bool      `json:"ok" doc:"False while the files on disk have problems and an earlier revision runs on."`
	At       time.Time `json:"at" doc:"When they were loaded last, well or not."`
	Problems []string  `json:"problems,omitempty" doc:"What is wrong with them, as check prints it."`

	Waits *RulesWaiting `json:"waits,omitempty" doc:"The files load and were refused for what stands in their way: they go live by themselves when it has gone."`
	Late  *RulesLate    `json:"wentLiveLate,omitempty" doc:"The rules in force had been refused, and went live by themselves."`
}

// RulesWaiting are rules that go live as soon as nothing stands in their way.
type RulesWaiting struct {
	Since  time.Time `json:"since" doc:"When they were refused first."`
	Author string    `json:"author,omitempty" doc:"Who had changed the files then."`
	Leads  bool      `json:"leads,omitempty" doc:"Leads stand where they have nothing; otherwise it is something else that may pass."`
}

// RulesLate are rules that went live by themselves, after they had been refused.
type RulesLate struct {
	Since    time.Time `json:"since" doc:"When they were refused first."`
	At       time.Time `json:"at" doc:"When they went live."`
	Revision uint32    `json:"revision" doc:"That runs since then."`
	Author   string    `json:"author,omitempty"`
	Staged   bool      `json:"staged,omitempty" doc:"They go live step by step, beside that revision."`
}

// The states of a Plugin.
const (
	pluginRunning  = "running"
	pluginStarting = "starting"
	pluginDown     = "down"
)

// Plugin is the state of a channel's plugin.
type Plugin struct {
	Channel  string `json:"channel"`
	Plugin   string `json:"plugin"`
	State    string `json:"state" enum:"running,starting,down"`
	Version  string `json:"version,omitempty"`
	Restarts int    `json:"restarts"`
	Detail   string `json:"detail,omitempty"`

	Memory    int64   `json:"memoryBytes,omitempty" doc:"Resident memory of its process."`
	CPU       float64 `json:"cpuSeconds,omitempty" doc:"Processor time of all its processes since the start."`
	Queued    int     `json:"queued" doc:"Actions that wait for the process."`
	InFlight  int     `json:"inFlight" doc:"Actions in its hands."`
	Heard     uint64  `json:"heard,omitempty" doc:"Facts of its service that came in."`
	Listening string  `json:"listening,omitempty" doc:"Why it does not listen, where it should."`
	Odd       uint64  `json:"oddAnswers,omitempty" doc:"Answers that no plugin should give: twice, too late, or to what it was not asked."`
}
