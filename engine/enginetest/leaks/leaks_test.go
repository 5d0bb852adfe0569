package leaks

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { Main(m) }

// What stays is named; what has ended is not.
func TestFind(t *testing.T) { // alone: it counts goroutines
	around := goleak.IgnoreCurrent()
	stay, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		<-stay
	}()
	if err := find(1, around); err == nil || !strings.Contains(err.Error(), "leaks.TestFind.func1") {
		t.Errorf("error %v", err)
	}
	close(stay)
	<-gone
	if err := Find(around); err != nil {
		t.Error(err)
	}
}
