package intake

import "github.com/seed-456efde2/nurture/engine"

// SourceKind says what a source's messages look like and how it proves itself.
type SourceKind uint8

// The kinds of source.
const (
	Segment     SourceKind = iota + 1 // calls of Segment-compatible clients
	CloudEvents                       // CloudEvents 1.0: binary, structured, in batches
	Webhook                           // JSON of any form, mapped by the workspace
	SES                               // receipts of Amazon SES, through SNS
	SendGrid                          // SendGrid's event webhook
	Postmark                          // Postmark's webhooks
)

// SourceKinds are the kinds by the name that a workspace gives them.
var SourceKinds = map[string]SourceKind{
	"segment": Segment, "cloudevents": CloudEvents, "webhook": Webhook,
	"ses": SES, "sendgrid": SendGrid, "postmark": Postmark,
}

// Receipts reports a kind whose messages tell what became of mails of ours.
func (k SourceKind) Receipts() bool { return k == SES || k == SendGrid || k == Postmark }

// Source is a way in with a name of its own: what may come in by it, and what
// becomes of it. It is immutable.
type Source struct {
	Name    string
	Kind    SourceKind
	Proof   Proof
	Maps    []Map
	Drop    bool   // what no map takes is forgotten, not kept with the dead events
	Channel string // whose mails the receipts are about
	Topic   string // the only SNS topic that may write, of SES

	Origins []string // sites whose pages may send; none: as the server says
	Rate    float64  // events a second of one key; 0: unbounded
}

// Secret is a text that is never printed.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Delivery is one call at a source: a body and the headers beside it, by their
// names in lower case.
type Delivery struct {
	Headers  map[string]string
	Body     []byte
	Received engine.Time
	Limits   Limits
	Already  bool // the body is one item that was read before: see Refused.Raw
}

// header gives one header; names are in lower case.
func (d *Delivery) header(name string) string { return d.Headers[name] }

// Reading is what a delivery held.
type Reading struct {
	Batch
	Receipts []Receipt // what became of mails
	Confirm  string    // the address that confirms a subscription, of SES; "" for none
	Dropped  int       // items that no map took, where these are forgotten
}

// Read takes a delivery apart. Who sent it has been established before. The error
// is a *engine.Problem and concerns the delivery as a whole.
func (s *Source) Read(d Delivery) (*Reading, error) {
	d.Limits = d.Limits.orDefaults()
	if len(d.Body) > d.Limits.Batch {
		return nil, problem("too_large", "the body is larger than %d bytes", d.Limits.Batch)
	}
	if s.Kind == Segment {
		return s.segment(&d)
	}
	if s.Kind == CloudEvents && !d.Already {
		return s.cloudEvents(&d)
	}
	tree, p := parseTree(d.Body)
	if p != nil {
		return nil, p
	}
	r := &Reading{}
	switch s.Kind {
	case SES:
		if p := r.ses(tree, &d); p != nil {
			return nil, p
		}
	case SendGrid:
		r.sendGrid(tree, &d)
	case Postmark:
		r.postmark(tree, &d)
	case CloudEvents:
		s.cloudEvent(r, &d, tree)
	default:
		s.take(r, &d, tree)
	}
	return r, nil
}

// segment reads a call, or a batch of them, with the type inside.
func (s *Source) segment(d *Delivery) (*Reading, error) {
	call := Call{Received: d.Received, Limits: d.Limits, Inside: true}
	b, err := Decode(d.Body, call)
	if err != nil {
		return nil, err
	}
	return &Reading{Batch: *b}, nil
}
