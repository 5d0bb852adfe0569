package graph

import (
	"strconv"
	"strings"
)

// arrow draws a link.
func (l *lines) arrow(b *link) Arrow {
	p := pen{down: l.sheet.Down}
	if b.back {
		at := l.loop(&p, b)
		return Arrow{Path: p.String(), Label: l.labelAt(b, at), Back: true}
	}
	l.forward(&p, b)
	a := Arrow{Path: p.String()}
	if v := b.label; v != nil {
		a.Label = l.corner(v)
	}
	return a
}

// spot is a place along and across.
type spot struct{ along, across int }

// labelAt is the corner of a label in the middle of a place.
func (l *lines) labelAt(b *link, at spot) Point {
	x, y := at.along, at.across
	if l.sheet.Down {
		x, y = y, x
	}
	return Point{x - b.size.W/2, y - b.size.H/2}
}

// forward draws a line through a chain of vertices, all but the ends unseen.
func (l *lines) forward(p *pen, b *link) {
	from := b.chain[0]
	at := spot{from.at + from.long, int(from.pos)}
	p.move(at)
	for _, v := range b.chain[1:] {
		to := spot{l.begin[v.layer], int(v.pos)}
		if v == b.to {
			to.along -= TipLength
		}
		at.along = l.end[from.layer]
		if v.line > from.line {
			l.turn(p, from.line, at, to)
		} else {
			p.line(at)
			p.curve(at, to)
		}
		at, from = to, v
	}
}

// turn draws the way from one line to the next.
func (l *lines) turn(p *pen, line int, at, to spot) {
	i := l.turns[line]
	l.turns[line]++
	right := l.right[line] + 12 + wayGap*i
	between := l.below[line]
	l.below[line] += wayGap
	left := l.sheet.Pad + 2 + wayGap*i
	p.bends(at, spot{right, at.across}, spot{right, between}, spot{left, between}, spot{left, to.across}, to)
}

// loop draws a link back and tells the middle of its long part.
func (l *lines) loop(p *pen, b *link) spot {
	from, to := b.from, b.to
	start := spot{from.at + from.long, int(from.pos)}
	end := spot{to.at - TipLength, int(to.pos)}
	in, out := l.ends(b)
	p.move(start)
	if from.line == to.line {
		at := b.lane.across
		p.bends(start, spot{out, start.across}, spot{out, at}, spot{in, at}, spot{in, end.across}, end)
		return spot{l.labelMiddle(b), at}
	}
	room := l.breadth(b)
	under := l.below[from.line] + room/2
	l.below[from.line] += room
	above := l.below[to.line]
	l.below[to.line] += wayGap
	left := l.sheet.Pad + 2 + wayGap*b.lane.margin
	p.bends(
		start, spot{out, start.across}, spot{out, under}, spot{left, under},
		spot{left, above}, spot{in, above}, spot{in, end.across}, end,
	)
	return spot{(out + left) / 2, under}
}

// pen writes a path of SVG. It is told along and across, and writes x and y.
type pen struct {
	strings.Builder
	down bool
	at   spot
}

func (p *pen) point(s spot) {
	x, y := s.along, s.across
	if p.down {
		x, y = y, x
	}
	p.WriteString(strconv.Itoa(x))
	p.WriteByte(' ')
	p.WriteString(strconv.Itoa(y))
}

func (p *pen) move(to spot) {
	p.WriteByte('M')
	p.point(to)
	p.at = to
}

// line goes straight, and nowhere when it is there.
func (p *pen) line(to spot) {
	switch {
	case to == p.at:
		return
	case to.across == p.at.across && !p.down, to.along == p.at.along && p.down:
		p.WriteByte('H')
		p.number(to, !p.down)
	case to.across == p.at.across || to.along == p.at.along:
		p.WriteByte('V')
		p.number(to, p.down)
	default:
		p.WriteByte('L')
		p.point(to)
	}
	p.at = to
}

func (p *pen) number(s spot, along bool) {
	n := s.across
	if along {
		n = s.along
	}
	p.WriteString(strconv.Itoa(n))
}

// curve goes from layer to layer.
func (p *pen) curve(from, to spot) {
	if from.across == to.across {
		p.line(to)
		return
	}
	half := (from.along + to.along) / 2
	p.WriteByte('C')
	p.point(spot{half, from.across})
	p.WriteByte(' ')
	p.point(spot{half, to.across})
	p.WriteByte(' ')
	p.point(to)
	p.at = to
}

// bends goes straight from place to place, round the corners.
func (p *pen) bends(places ...spot) {
	for i := 1; i < len(places)-1; i++ {
		before, at, after := places[i-1], places[i], places[i+1]
		r := min(corner, apart(before, at)/2, apart(at, after)/2)
		p.line(towards(at, before, r))
		if to := towards(at, after, r); to != p.at {
			p.WriteByte('Q')
			p.point(at)
			p.WriteByte(' ')
			p.point(to)
			p.at = to
		}
	}
	p.line(places[len(places)-1])
}

// apart is how far two places of one row or column are from each other.
func apart(a, b spot) int {
	return abs(a.along-b.along) + abs(a.across-b.across)
}

// towards is the place that lies r from one on the straight way to another.
func towards(from, to spot, r int) spot {
	step := func(a, b int) int { return a + min(max(b-a, -r), r) }
	return spot{step(from.along, to.along), step(from.across, to.across)}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
