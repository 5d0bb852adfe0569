package host

import (
	"errors"
	"os/exec"
	"runtime"
)

// spawner starts processes from one OS thread that lives as long as they do. The
// kernel sends the parent-death signal when the *thread* that forked ends, and
// Go ends threads as it likes.
type spawner struct {
	requests chan spawnRequest
	stop     chan struct{}
	done     chan struct{}
}

type spawnRequest struct {
	cmd    *exec.Cmd
	result chan error
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan spawnRequest), stop: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
	// Never unlocked: the thread ends with the goroutine, and whatever is left of
	// the plugins with the thread.
	runtime.LockOSThread()
	defer close(s.done)
	for {
		select {
		case r := <-s.requests:
			r.result <- r.cmd.Start()
		case <-s.stop:
			return
		}
	}
}

func (s *spawner) start(cmd *exec.Cmd) error {
	r := spawnRequest{cmd, make(chan error, 1)}
	select {
	case s.requests <- r:
		return <-r.result
	case <-s.done:
		return errors.New("host is closed")
	}
}

func (s *spawner) close() {
	close(s.stop)
	<-s.done
}
