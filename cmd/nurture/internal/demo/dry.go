package demo

import "strings"

// Dry is a message of another channel than mail: a demo shows it and does not send it.
type Dry struct {
	Key     string // of the action
	Channel string
	Kind    string // of the step
	To      string
	Title   string
	Parts   []Line
}

// Show puts a message of another channel among the mails. Nobody in the demo reads
// it: it is for whoever looks.
func (b *Mailbox) Show(n Dry) {
	m := &Mail{
		Key: n.Key, Channel: n.Channel, Kind: n.Kind, At: b.o.Clock.Now(), To: []string{n.To}, Subject: n.Title, Header: n.Parts,
	}
	var text []string
	for _, part := range n.Parts {
		text = append(text, part.Value)
		m.Size += len(part.Value)
	}
	m.Text = strings.Join(text, "\n")
	b.take(m)
}
