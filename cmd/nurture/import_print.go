package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
)

// report tells how an import ended, or would.
func (i *importing) report() error {
	newOnes, known := slices.Sorted(maps.Keys(i.seenNew)), 0
	for id := range i.seenOld {
		if !i.seenNew[id] {
			known++
		}
	}
	if i.c.json {
		object := map[string]any{
			"ok": i.refused == 0, "file": i.file, "rows": i.rows, "events": i.events, "duplicates": i.duplicates, "refused": i.refused, "dry_run": i.o.dryRun,
		}
		if i.refused > 0 {
			object["errors"] = i.rejects.name
		}
		if i.o.dryRun {
			object["would"] = map[string]any{
				"new": len(newOnes), "updated": known, "entered": i.plan.Entered, "tossed_up": i.plan.TossedUp,
				"moved": i.plan.Moved, "messages": i.plan.Messages, "not_entered": i.plan.NotEntered,
			}
		}
		if err := i.c.print(object); err != nil {
			return err
		}
	} else {
		i.tell(len(newOnes), known)
	}
	if i.refused > 0 {
		return failed(exitFailed)
	}
	return nil
}

func (i *importing) tell(newOnes, known int) {
	lang, out := i.c.language(""), i.c.out
	say := func(en, ja string, args ...any) { fmt.Fprintf(out, words(lang, en, ja)+"\n", args...) }
	if i.o.dryRun {
		say("Nothing was kept. This is what would happen at once:", "何も保存していません。取り込むと、すぐに次のことが起こります。")
		say("  leads       %d new, %d known", "  リード      新規 %d 人、登録済み %d 人", newOnes, known)
	}
	say("  rows        %d", "  行          %d", i.rows)
	say("  events      %d taken, %d known already", "  イベント    %d 件、受付済み %d 件", i.events, i.duplicates)
	for _, part := range []struct {
		en, ja string
		counts map[string]int
	}{
		{"enter", "開始", i.plan.Entered},
		{"stage", "ステージ", i.plan.Moved},
		{"toss-up", "トスアップ", i.plan.TossedUp},
		{"messages", "メッセージ", i.plan.Messages},
		{"not entered", "開始しない", i.plan.NotEntered},
	} {
		for _, name := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(out, "  %s  %s %d\n", padCells(words(lang, part.en, part.ja), 10), name, part.counts[name])
		}
	}
	if i.refused > 0 {
		say("  refused     %d rows, with the reason of each in %s", "  受付不可    %d 行（理由は %s にあります）", i.refused, i.rejects.name)
	}
}

// padCells fills a word up to a width in cells.
func padCells(text string, width int) string {
	cells := 0
	for _, r := range text {
		cells++
		if r > 0x2000 {
			cells++
		}
	}
	return text + strings.Repeat(" ", max(0, width-cells))
}

// rejects is the file of rows that were not taken. It is made with the first.
type rejects struct {
	name string
	file *os.File
	csv  *csv.Writer
}

func (r *rejects) add(columns []string, row lists.Row, code, reason string) error {
	if r.file == nil {
		f, err := os.OpenFile(r.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("keep the rows that were not taken: %w", err)
		}
		r.file, r.csv = f, csv.NewWriter(f)
		if _, err := io.WriteString(f, "\ufeff"); err != nil {
			return fmt.Errorf("keep the rows that were not taken: %w", err)
		}
		head := append([]string{"row", "line", "code", "reason"}, columns...)
		if err := r.csv.Write(head); err != nil {
			return fmt.Errorf("keep the rows that were not taken: %w", err)
		}
	}
	cells := []string{strconv.Itoa(row.Number), strconv.Itoa(row.Line), code, lists.Guard(reason)}
	for _, cell := range row.Raw {
		cells = append(cells, lists.Guard(lists.Unguard(cell)))
	}
	return r.csv.Write(cells)
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	if err := r.csv.Error(); err != nil {
		return fmt.Errorf("keep the rows that were not taken: %w", err)
	}
	return r.file.Close()
}

// bar shows on a terminal how far a file has been read.
type bar struct {
	out  io.Writer
	size int64
	last int
}

// newBar makes a bar; one that is not on a terminal shows nothing.
func newBar(out io.Writer, size int64) *bar {
	f, ok := out.(*os.File)
	if !ok || size == 0 {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &bar{out: out, size: size, last: -1}
}

const barWidth = 40

func (b *bar) at(n int64) {
	if b == nil {
		return
	}
	percent := int(min(100, n*100/b.size))
	if percent == b.last {
		return
	}
	b.last = percent
	full := percent * barWidth / 100
	fmt.Fprintf(b.out, "\r[%s%s] %3d %%", strings.Repeat("█", full), strings.Repeat("·", barWidth-full), percent)
}

func (b *bar) end() {
	if b != nil && b.last >= 0 {
		fmt.Fprintf(b.out, "\r%s\r", strings.Repeat(" ", barWidth+10))
	}
}
