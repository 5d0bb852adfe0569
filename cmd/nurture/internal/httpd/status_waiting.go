package httpd

import (
	"fmt"
	"time"
)

// WaitingLines tells people of rules that wait for what stands in their way, and of
// those that went live by themselves when it had gone.
func WaitingLines(language string, r *Rules) []string {
	var lines []string
	say := func(en, ja string) {
		if lang(language) == japanese {
			en = ja
		}
		lines = append(lines, en)
	}
	if w := r.Waits; w != nil {
		since := minuteOf(w.Since)
		if w.Leads {
			say(fmt.Sprintf("Nobody need save them again: they go live by themselves when these leads have moved on. Refused since %s%s.", since, by(" (changed by %s)", w.Author)),
				fmt.Sprintf("保存し直す必要はありません。これらのリードが先へ進めば、自動で反映されます（%s から保留%s）。", since, by("、変更者 %s", w.Author)))
		} else {
			say(fmt.Sprintf("Nobody need save them again: they are tried again by themselves. Refused since %s%s.", since, by(" (changed by %s)", w.Author)),
				fmt.Sprintf("保存し直す必要はありません。自動で再試行しています（%s から保留%s）。", since, by("、変更者 %s", w.Author)))
		}
	}
	if l := r.Late; l != nil {
		at, since, who := minuteOf(l.At), minuteOf(l.Since), by(" (changed by %s)", l.Author)
		whoJa := by("、変更者 %s", l.Author)
		if l.Staged {
			say(fmt.Sprintf("A change that had been refused since %s is rolled out since %s, because nothing stands in its way any more%s.", since, at, who),
				fmt.Sprintf("%s から保留されていた変更は、妨げがなくなったため %s にロールアウトを始めました（r%d に対して%s）。", since, at, l.Revision, whoJa))
		} else {
			say(fmt.Sprintf("r%d went live by itself at %s: it had been refused since %s, and nothing stands in its way any more%s.", l.Revision, at, since, who),
				fmt.Sprintf("r%d は、妨げがなくなったため %s に自動で反映されました（%s から保留%s）。", l.Revision, at, since, whoJa))
		}
	}
	return lines
}

// by is who changed the rules, where that is known.
func by(format, author string) string {
	if author == "" {
		return ""
	}
	return fmt.Sprintf(format, author)
}

// minuteOf is an instant on the clock that it came with, the project's.
func minuteOf(t time.Time) string { return t.Format("2006-01-02 15:04 -07:00") }
