//go:build unix && !linux

package host

import (
	"os"
	"os/exec"
	"syscall"
)

// isolate makes the process the leader of a group of its own. That it dies with
// the host is the lifeline's work here.
func isolate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the process group that pid leads.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// awaitEnd returns when the process has ended and was collected. A group that
// outlives its leader keeps the leader's number from being given away.
func awaitEnd(cmd *exec.Cmd) { _ = cmd.Wait() }

// selfExe is this program.
func selfExe() (string, error) { return os.Executable() }
