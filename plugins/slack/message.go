package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// object is a JSON object.
type object = map[string]any

// Bounds of Slack's own, in characters.
const (
	longestText    = 40000
	longestHeader  = 150
	longestSection = 3000
	longestBlockID = 255
)

// message is what is posted: the text, which notifications show, and blocks where
// there is more than a text to show.
func (c *Channel) message(r channel.Request) (object, error) {
	// What a lead calls itself stands in here too, and is to call nobody.
	text := escape(r.Text(partMessage))
	if text == "" {
		text = escape(r.Text(partSubject))
	}
	handOver := r.Part(partTossUp) != nil
	if text == "" && handOver {
		text = escape(r.Text(partTossUp))
	}
	if text == "" {
		return nil, errors.New("there is nothing to say: part message is empty")
	}
	msg := object{"text": cut(text, longestText)}
	if to := c.destination(r); to != "" {
		msg["channel"] = to
	}
	given, err := blocksOf(r)
	switch {
	case err != nil:
		return nil, err
	case given != nil:
		msg["blocks"] = given
	case handOver:
		msg["blocks"] = c.handOver(r, text)
	}
	return msg, nil
}

// destination is where the API posts; an incoming webhook has its own place.
func (c *Channel) destination(r channel.Request) string {
	if c.token == "" {
		return ""
	}
	if to := r.Text(partTo); to != "" {
		return to
	}
	return c.to
}

// blocksOf are the blocks that the step brings itself.
func blocksOf(r channel.Request) (any, error) {
	text := r.Text(partBlocks)
	if text == "" {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, errors.New("part blocks is not JSON")
	}
	if o, ok := v.(object); ok {
		v = o["blocks"]
	}
	if list, ok := v.([]any); !ok || len(list) == 0 || len(list) > 50 {
		return nil, errors.New("part blocks is not a list of 1 to 50 blocks")
	}
	return v, nil
}

// handOver is a toss-up as sales see it: what it is about, why it was made, who
// should take it, and the answers to choose from.
func (c *Channel) handOver(r channel.Request, text string) []object {
	blocks := []object{{"type": "section", "text": marked("*" + cut(oneLine(text), longestHeader) + "*")}}
	if owner := r.Text(partOwner); owner != "" {
		blocks = append(blocks, object{"type": "context", "elements": []object{marked(c.say("For ", "担当: ") + cut(escape(owner), 200))}})
	}
	if more := payloadLines(r); more != "" {
		blocks = append(blocks, object{"type": "section", "text": marked(cut(more, longestSection))})
	}
	if why := reasonLines(r.Text(partReasons)); why != "" {
		blocks = append(blocks, object{"type": "section", "text": marked(cut("*"+c.say("Why", "理由")+"*\n"+why, longestSection))})
	}
	return append(blocks, c.answers(r)...)
}

// answers are the controls by which sales answer. The block's id says which
// toss-up they belong to, so that one message can be told from all others.
func (c *Channel) answers(r channel.Request) []object {
	id := answerBlock + r.Key + " " + r.Text(partTossUp)
	if c.secret == "" || len([]rune(id)) > longestBlockID {
		return nil
	}
	options := make([]object, len(c.reasons))
	for i, reason := range c.reasons {
		options[i] = object{"text": plainText(reason), "value": fmt.Sprint(i)}
	}
	return []object{
		{
			"type": "input", "block_id": noteBlock + r.Key, "optional": true,
			"label":   plainText(c.say("Note to marketing", "マーケティングへのひとこと")),
			"element": object{"type": "plain_text_input", "action_id": actionNote, "max_length": 500},
		},
		{
			"type": "actions", "block_id": id,
			"elements": []object{
				{"type": "button", "action_id": actionAccept, "style": "primary", "text": plainText(c.say("Accept", "受け入れる")), "value": "accept"},
				{"type": "static_select", "action_id": actionReject, "placeholder": plainText(c.say("Reject …", "差し戻す…")), "options": options},
			},
		},
	}
}

func (c *Channel) say(en, ja string) string { return channel.Text{En: en, Ja: ja}.In(c.language) }

func marked(text string) object    { return object{"type": "mrkdwn", "text": text} }
func plainText(text string) object { return object{"type": "plain_text", "text": text} }

// escape keeps a text from being taken for a mention or a link.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cut keeps the first characters of a text.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// reasonLines are the conditions of a toss-up, one a line: a list of texts, or of
// objects that have one.
func reasonLines(raw string) string {
	var list []any
	if json.Unmarshal([]byte(raw), &list) != nil {
		return escape(raw)
	}
	var b strings.Builder
	for _, item := range list {
		if o, ok := item.(object); ok {
			item = firstText(o, "text", "label", "source")
		}
		if text, ok := item.(string); ok && text != "" {
			b.WriteString("• " + escape(oneLine(text)) + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func firstText(o object, names ...string) string {
	for _, name := range names {
		if s, ok := o[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// payloadLines are the members of a hand-over's payload, one a line, in its order.
func payloadLines(r channel.Request) string {
	raw, ok := r.Part(partPayload).(json.RawMessage)
	if !ok {
		return escape(r.Text(partPayload))
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	var b strings.Builder
	for dec.More() {
		name, err := dec.Token()
		var v any
		if err != nil || dec.Decode(&v) != nil {
			break
		}
		if v != nil {
			fmt.Fprintf(&b, "*%s* %s\n", escape(fmt.Sprint(name)), escape(oneLine(said(v))))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// said is a value as people read it.
func said(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v) // it came from JSON
	return string(b)
}
