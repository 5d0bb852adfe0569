//go:build unix

package httpd

import "syscall"

// roomForConnections is how many connections there may be: no more than half of the
// files that the process may open, because the state has files too.
func roomForConnections() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return maxConnections
	}
	return int(min(uint64(limit.Cur)/2, maxConnections))
}
