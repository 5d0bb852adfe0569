package host

import (
	"fmt"
	"time"
)

// usage is what a plugin process uses.
type usage struct {
	cpu    time.Duration // since its start
	memory int64         // resident bytes
}

// frugal says what is wrong with the memory that a process uses, nil for nothing.
// A plugin that leaks is put down before the machine runs out: what it had under
// way is settled, and a new process takes over.
func (s *supervisor) frugal(l *life) error {
	limit := s.host.options.Memory
	u, ok := usageOf(l.proc.pid)
	if !ok || limit < 0 || u.memory <= limit {
		return nil
	}
	return fmt.Errorf("plugin process uses %d MiB of memory, more than the %d MiB it may", u.memory>>20, limit>>20)
}
