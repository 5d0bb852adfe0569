package graph

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// TestLay lays random graphs out, with loops, labels and lines, and looks for what
// no drawing may have: boxes or labels on each other or outside, arrows that do
// not lead from box to box, that run through a third one, or that point back
// without closing a loop.
func TestLay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		boxes, arcs := randomGraph(r)
		s := Sheet{Down: seed%2 == 0, LayerGap: 34, BoxGap: 20}
		if seed%3 == 0 {
			s.Layers = 2 + r.IntN(7)
			for i := range arcs { // the console, whose drawings have lines, has no labels
				arcs[i].Label = Size{}
			}
		}
		p := s.Lay(boxes, arcs)
		if again := s.Lay(boxes, arcs); !reflect.DeepEqual(p, again) {
			t.Fatalf("seed %d: two drawings differ", seed)
		}
		checkPlan(t, fmt.Sprintf("seed %d", seed), s, boxes, arcs, p)
	}
}

// randomGraph has chains, joins, forks, loops and boxes without arrows.
func randomGraph(r *rand.Rand) ([]Size, []Arc) {
	n := 1 + r.IntN(30)
	boxes := make([]Size, n)
	for i := range boxes {
		boxes[i] = Size{40 + r.IntN(200), 30 + r.IntN(80)}
	}
	var arcs []Arc
	for i := range n {
		for range r.IntN(3) {
			a := Arc{From: i, To: min(i+1+r.IntN(4), n-1)}
			if r.IntN(8) == 0 {
				a.To = r.IntN(i + 1)
			}
			if r.IntN(3) == 0 {
				a.Label = Size{30 + r.IntN(120), 15 + r.IntN(40)}
			}
			arcs = append(arcs, a)
		}
	}
	return boxes, arcs
}

// frame is a rectangle on the sheet.
type frame struct {
	name string
	Point
	Size
}

func (f frame) overlaps(g frame) bool {
	return f.X < g.X+g.W && g.X < f.X+f.W && f.Y < g.Y+g.H && g.Y < f.Y+f.H
}

func (f frame) holds(x, y float64) bool {
	return x > float64(f.X)+1 && x < float64(f.X+f.W)-1 && y > float64(f.Y)+1 && y < float64(f.Y+f.H)-1
}

func checkPlan(t *testing.T, name string, s Sheet, boxes []Size, arcs []Arc, p Plan) {
	t.Helper()
	if len(p.Boxes) != len(boxes) || len(p.Arrows) != len(arcs) {
		t.Fatalf("%s: %d boxes of %d, %d arrows of %d", name, len(p.Boxes), len(boxes), len(p.Arrows), len(arcs))
	}
	var frames []frame
	for i, at := range p.Boxes {
		frames = append(frames, frame{fmt.Sprint("box ", i), at, boxes[i]})
	}
	for i, a := range p.Arrows {
		if arcs[i].Label.W > 0 {
			frames = append(frames, frame{fmt.Sprint("label ", i), a.Label, arcs[i].Label})
		}
	}
	sheet := frame{"sheet", Point{}, Size{p.Width, p.Height}}
	for i, f := range frames {
		if f.X < 0 || f.Y < 0 || f.X+f.W > p.Width || f.Y+f.H > p.Height {
			t.Errorf("%s: %+v lies outside of %+v", name, f, sheet.Size)
		}
		for _, g := range frames[i+1:] {
			if f.overlaps(g) {
				t.Errorf("%s: %+v and %+v overlap", name, f, g)
			}
		}
	}
	for i, a := range p.Arrows {
		checkArrow(t, fmt.Sprintf("%s, arrow %d from %d to %d", name, i, arcs[i].From, arcs[i].To), s, a, frames, arcs[i], sheet)
	}
}

func checkArrow(t *testing.T, name string, s Sheet, a Arrow, frames []frame, arc Arc, sheet frame) {
	t.Helper()
	points := sample(t, a.Path)
	from, to := frames[arc.From], frames[arc.To]
	first, last := points[0], points[len(points)-1]
	startX, startY := from.X+from.W, from.Y+from.H/2
	endX, endY := to.X-TipLength, to.Y+to.H/2
	if s.Down {
		startX, startY = from.X+from.W/2, from.Y+from.H
		endX, endY = to.X+to.W/2, to.Y-TipLength
	}
	if off(first[0], startX) || off(first[1], startY) || off(last[0], endX) || off(last[1], endY) {
		t.Errorf("%s: runs from %v to %v, not from %d,%d to %d,%d: %s", name, first, last, startX, startY, endX, endY, a.Path)
	}
	for _, at := range points {
		if at[0] < 0 || at[1] < 0 || at[0] > float64(sheet.W) || at[1] > float64(sheet.H) {
			t.Errorf("%s: leaves the sheet at %v: %s", name, at, a.Path)
			return
		}
		for _, f := range frames {
			if strings.HasPrefix(f.name, "box") && f.holds(at[0], at[1]) {
				t.Errorf("%s: runs through %s at %v: %s", name, f.name, at, a.Path)
				return
			}
		}
	}
}

func off(a float64, b int) bool { return a < float64(b)-1.5 || a > float64(b)+1.5 }

// sample reads a path and gives points along it.
func sample(t *testing.T, path string) [][2]float64 {
	t.Helper()
	var out [][2]float64
	var x, y float64
	to := func(nx, ny float64) {
		for i := 1; i <= 40; i++ {
			f := float64(i) / 40
			out = append(out, [2]float64{x + (nx-x)*f, y + (ny-y)*f})
		}
		x, y = nx, ny
	}
	for path != "" {
		letter := path[0]
		end := strings.IndexAny(path[1:], "MHVLCQ") + 1
		if end == 0 {
			end = len(path)
		}
		var n []float64
		for _, word := range strings.Fields(path[1:end]) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatalf("path %s: %v", path, err)
			}
			n = append(n, v)
		}
		path = path[end:]
		switch letter {
		case 'M':
			x, y = n[0], n[1]
			out = append(out, [2]float64{x, y})
		case 'H':
			to(n[0], y)
		case 'V':
			to(x, n[0])
		case 'L':
			to(n[0], n[1])
		case 'Q':
			n = []float64{x + (n[0]-x)*2/3, y + (n[1]-y)*2/3, n[2] + (n[0]-n[2])*2/3, n[3] + (n[1]-n[3])*2/3, n[2], n[3]}
			fallthrough
		case 'C':
			x0, y0 := x, y
			for i := 1; i <= 40; i++ {
				f := float64(i) / 40
				g := 1 - f
				at := [2]float64{
					g*g*g*x0 + 3*g*g*f*n[0] + 3*g*f*f*n[2] + f*f*f*n[4],
					g*g*g*y0 + 3*g*g*f*n[1] + 3*g*f*f*n[3] + f*f*f*n[5],
				}
				out = append(out, at)
			}
			x, y = n[4], n[5]
		}
	}
	return out
}

// TestLayKeepsOrder: arrows without loops point forward, whatever the order in
// which they were given.
func TestLayKeepsOrder(t *testing.T) {
	t.Parallel()
	boxes := []Size{{50, 30}, {50, 30}, {50, 30}, {50, 30}}
	p := Sheet{}.Lay(boxes, []Arc{{From: 3, To: 2}, {From: 1, To: 0}, {From: 2, To: 1}})
	for i := range 3 {
		if p.Boxes[i+1].X >= p.Boxes[i].X {
			t.Errorf("box %d stands before box %d", i, i+1)
		}
		if p.Arrows[i].Back {
			t.Errorf("arrow %d closes a loop", i)
		}
	}
}

// TestLayLarge: a graph far beyond any workflow ends, too.
func TestLayLarge(t *testing.T) {
	t.Parallel()
	boxes := make([]Size, 3000)
	var arcs []Arc
	for i := range boxes {
		boxes[i] = Size{100, 40}
		if i > 0 {
			arcs = append(arcs, Arc{From: i - 1, To: i})
		}
		if i%50 == 49 {
			arcs = append(arcs, Arc{From: i, To: i - 40})
		}
	}
	if p := (Sheet{Down: true}).Lay(boxes, arcs); len(p.Arrows) != len(arcs) {
		t.Errorf("%d arrows of %d", len(p.Arrows), len(arcs))
	}
}

func TestNothingToLay(t *testing.T) {
	t.Parallel()
	if p := (Sheet{}).Lay(nil, nil); len(p.Boxes) != 0 || p.Width < 0 {
		t.Errorf("a plan of nothing is %+v", p)
	}
}
