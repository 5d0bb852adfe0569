package demo

import "slices"

// watchers are functions that want to hear of something. Whoever holds them
// guards them, and calls them while guarded: a watcher that was dropped is not
// called any more.
type watchers[T any] struct {
	list []watcher[T]
	next int
}

type watcher[T any] struct {
	number int
	tell   func(T)
}

func (w *watchers[T]) add(tell func(T)) (number int) {
	w.next++
	w.list = append(w.list, watcher[T]{w.next, tell})
	return w.next
}

func (w *watchers[T]) drop(number int) {
	w.list = slices.DeleteFunc(w.list, func(x watcher[T]) bool { return x.number == number })
}

// tell tells every watcher.
func (w *watchers[T]) tell(news T) {
	for i := range w.list {
		w.list[i].tell(news)
	}
}
