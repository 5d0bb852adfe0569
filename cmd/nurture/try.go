package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// tryOptions are the flags of try.
type tryOptions struct {
	lead, start, test string
	lines             []string
}

func (c *cli) tryVerb() *cobra.Command {
	var o tryOptions
	verb := &cobra.Command{
		Use:   "try [WORKSPACE]",
		Short: "Try the rules by hand: live a lead's story on a virtual clock, and ask why",
		Long: `try lets you live a lead's story by hand. Each line lets something happen or time
pass, and shows at once what the rules did: points, stages, toss-ups, workflows, mails.
Nothing is sent, no server is needed, nothing is kept.

  event form_submitted form=inquiry    something happens (the word event may be left out)
  after 3d, at 09:30, next             time passes; next goes on to what happens next
  lead employees=320                   how the lead was from the beginning
  score.interest >= 70                 a question, in the words of conditions
  why toss_up.hot_lead                 why it was decided so, or not yet, and what would change it
  mail                                 the latest message as the lead got it
  expect tossed_up('hot_lead')         what must hold; it goes into the test
  save tests/hot_lead.hcl              the story as a test block
  help                                 all there is

Rules may be edited meanwhile: with the next line the story is lived again under them,
and what comes out otherwise is shown. Lines come from a terminal, from standard input,
or from --do; then the first line that cannot be carried out ends the story. --test
begins with the story of a test of the workspace. Exit code 0: fine; 1: a line could not
be carried out, or something that was expected does not hold; 3: the workspace does not
load.`,
		Example: "  nurture try\n  nurture try rules --lead tanaka.json --start '2026-10-05 09:00'\n" +
			"  nurture try rules --do 'form_submitted form=inquiry' --do 'after 10m' --do 'why toss_up.hot_lead'\n" +
			"  nurture try rules --test 'nobody is mailed at night' --do mail",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return c.try(folder(args), &o)
		},
	}
	f := verb.Flags()
	f.StringVar(&o.lead, "lead", "", "JSON file with the lead's attributes, - for standard input (default: what is required is made up)")
	f.StringVar(&o.start, "start", "", "when the story begins, in the project's zone (default: 10:00 on the next working day)")
	f.StringVar(&o.test, "test", "", "begin with the story of this test of the workspace")
	f.StringArrayVar(&o.lines, "do", nil, "a line of the story, instead of standard input; may be repeated")
	return verb
}

// trial is a story that is being told.
type trial struct {
	c     *cli
	lang  string
	rules *triedRules
	story tryStory
	asked []engine.Key // that questions have read: the engine is to count them
	now   *lived       // the story as it went, never nil
	talks bool         // with a person, who can mend a line
	doc   tryDoc       // for --json
	bad   bool         // something that was expected does not hold
}

// try lives a story.
func (c *cli) try(dir string, o *tryOptions) error {
	if err := isFolder(dir); err != nil {
		return &exit{code: exitInvalid, err: err}
	}
	if o.lead == "-" && len(o.lines) == 0 {
		return errors.New(words(c.language(""), "try: the lead is read from standard input, so give the lines with --do", "try: リードを標準入力から読むときは、行を --do で指定してください"))
	}
	t := &trial{c: c, rules: newTriedRules(dir, c.lang)}
	if _, problems := t.rules.refresh(); problems.HasErrors() {
		problems.Language = c.language(problems.Language)
		return c.invalid(problems)
	}
	t.lang = c.language(t.rules.good.Language)
	if err := t.begin(o); err != nil {
		return err
	}
	t.talks = len(o.lines) == 0 && isTerminal(c.in) && isTerminal(c.out) && !c.json
	t.welcome()
	err := t.follow(o.lines)
	return t.end(err)
}

// begin sets the scene: the lead, the clock, and the test that goes before.
func (t *trial) begin(o *tryOptions) error {
	spec := t.rules.good.Spec
	if o.test != "" {
		if o.lead != "" || o.start != "" {
			return errors.New(t.words("--test has a lead and a start of its own; leave out --lead and --start", "--test にはリードと開始日時が含まれています。--lead と --start は付けないでください"))
		}
		if err := t.story.fromTest(t.rules.good, o.test, t.lang); err != nil {
			return err
		}
	} else {
		t.story.start = firstMorning(spec, time.Now())
		if o.start != "" {
			t.story.start = o.start
		}
		given, err := t.leadFile(o.lead)
		if err != nil {
			return err
		}
		t.story.lead = given
		t.story.madeUp = t.story.complete(spec)
	}
	now, problem := t.live(&t.story)
	if problem != nil {
		return problem
	}
	t.now = now
	return nil
}

// leadFile reads the attributes of a lead's file.
func (t *trial) leadFile(file string) ([]tryField, error) {
	lead, err := t.c.sampleLead(file, t.rules.good.Spec)
	if err != nil {
		return nil, err
	}
	if len(lead.Scores)+len(lead.Segments)+len(lead.Consents)+len(lead.Facts) > 0 || lead.Stage != "" || lead.Now != nil || lead.Unsubscribe != "" {
		return nil, fmt.Errorf(t.words("%s: in a story only attributes can be given; scores, stages and consents come of what happens: write events",
			"%s: 物語で与えられるのは attributes だけです。スコア、ステージ、同意は出来事から生まれます。イベントを書いてください"), file)
	}
	var fields []tryField
	for i := range t.rules.good.Spec.Attrs {
		a := &t.rules.good.Spec.Attrs[i]
		if v, ok := lead.Attributes[a.Name]; ok && v != nil {
			fields = append(fields, tryField{a.Name, hclValue(v)})
		}
	}
	return fields, nil
}

// follow carries out the lines, one after the other. Without any they are read from
// standard input.
func (t *trial) follow(lines []string) error {
	if len(lines) > 0 {
		for _, line := range lines {
			if done, err := t.line(line); done || err != nil {
				return err
			}
		}
		return nil
	}
	in := bufio.NewScanner(t.c.in)
	in.Buffer(nil, 1<<20)
	for {
		t.prompt("> ")
		if !in.Scan() {
			break
		}
		line := in.Text()
		for openBraces(line) > 0 && in.Err() == nil {
			t.prompt("… ")
			if !in.Scan() {
				break
			}
			line += "\n" + in.Text()
		}
		done, err := t.line(line)
		if done {
			return err
		}
		if err != nil && !t.talks {
			return err
		}
		if err != nil {
			t.complain(err)
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read the lines of the story: %w", err)
	}
	t.prompt("\n")
	return nil
}

// openBraces is how many blocks a text opens and does not close.
func openBraces(text string) int {
	open, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '{':
			open++
		case !quoted && c == '}':
			open--
		}
	}
	return open
}

// line carries one line out. done is true after the last one.
func (t *trial) line(line string) (done bool, err error) {
	line = strings.TrimSpace(strings.ReplaceAll(line, "\u3000", " "))
	if line == "" || strings.HasPrefix(line, "#") {
		return false, nil
	}
	if !t.talks && !t.c.json {
		fmt.Fprintf(t.c.out, "%s> %s\n", t.clock(), line)
	}
	if err := t.freshRules(); err != nil {
		return false, err
	}
	t.doc.Lines = append(t.doc.Lines, tryLine{Line: line, At: t.stamp()})
	word, rest, _ := strings.Cut(line, " ")
	if strings.EqualFold(word, "quit") || strings.EqualFold(word, "exit") {
		return true, nil
	}
	return false, t.carryOut(line, strings.ToLower(word), strings.TrimSpace(rest))
}

// freshRules looks whether the rules on disk have changed, and lives the story again
// under those that have.
func (t *trial) freshRules() error {
	changed, problems := t.rules.refresh()
	switch {
	case problems.HasErrors():
		if !t.c.json {
			problems.Language = t.lang
			problems.Items = slices.DeleteFunc(problems.Items, func(d dsl.Diagnostic) bool { return d.Severity != dsl.Error })
			fmt.Fprintln(t.c.out, problems.Render())
			fmt.Fprintln(t.c.out, t.words("The rules as they are on disk do not load; the story goes on under those of before.", "いまのファイルは読み込めません。物語は前のルールのまま続けます。"))
		}
		return nil
	case !changed:
		return nil
	}
	before := t.now
	now, problem := t.live(&t.story)
	if problem != nil {
		return fmt.Errorf(t.words("the rules have changed, and the story cannot be told under them: %w", "ルールが変わり、この物語はもう成り立ちません: %w"), problem)
	}
	t.now = now
	t.tellDifference(before, now)
	return nil
}

// end says how the story ended.
func (t *trial) end(err error) error {
	if t.c.json {
		t.doc.finish(t, err)
		if printed := t.c.print(t.doc.object()); printed != nil {
			return printed
		}
		if err != nil || t.bad {
			return failed(exitFailed)
		}
		return nil
	}
	if err != nil {
		t.complain(err)
		return failed(exitFailed)
	}
	if t.bad && !t.talks {
		return failed(exitFailed)
	}
	return nil
}

func (t *trial) words(en, ja string) string { return words(t.lang, en, ja) }

// complain prints why a line could not be carried out.
func (t *trial) complain(err error) {
	var p *storyProblem
	if errors.As(err, &p) {
		fmt.Fprintln(t.c.err, p.diagnostics.Render())
		return
	}
	fmt.Fprintf(t.c.err, "%v\n", err)
}

// prompt asks a person for the next line; a file of lines is not asked.
func (t *trial) prompt(mark string) {
	if !t.talks {
		return
	}
	if mark == "> " {
		mark = t.clock() + mark
	}
	_, _ = io.WriteString(t.c.out, mark)
}

// clock is the story's clock as the prompt shows it.
func (t *trial) clock() string {
	now := t.now.clock()
	day := now.Format("Mon")
	if t.lang == "ja" {
		day = [...]string{"日", "月", "火", "水", "木", "金", "土"}[now.Weekday()]
	}
	return now.Format("2006-01-02 ") + day + now.Format(" 15:04")
}

func (t *trial) stamp() string { return t.now.clock().Format(time.RFC3339) }

// firstMorning is 10:00 on the next working day: a time at which nothing is quiet.
func firstMorning(spec *engine.Spec, now time.Time) string {
	zone := spec.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := now.In(zone)
	for range 30 {
		day = day.AddDate(0, 0, 1)
		if spec.Calendar.Working(day) {
			break
		}
	}
	return day.Format("2006-01-02") + " 10:00"
}

// carryOut does what a line says: a block as tests have it, one of the words of
// tryWords, an event or a question.
func (t *trial) carryOut(line, word, rest string) error {
	if rawBlock.MatchString(line) {
		return t.happen(tryStep{typed: line, hcl: line})
	}
	if asked, ok := strings.CutPrefix(line, "?"); ok && strings.TrimSpace(asked) != "" {
		return t.ask(strings.TrimSpace(asked))
	}
	if w := tryWordOf(word); w != nil {
		if rest == "" && w.needs[0] != "" {
			return fmt.Errorf(t.words("%s: say %s, for instance: %s", "%s には%sが必要です。例: %s"), word, t.words(w.needs[0], w.needs[1]), w.example)
		}
		return w.do(t, rest)
	}
	return t.eventOrQuestion(line)
}
