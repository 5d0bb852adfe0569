package host

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolate makes the process the leader of a group of its own that dies with the
// thread that starts it.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup kills the process group that pid leads.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// awaitEnd returns when the process has ended. It is not collected yet: until it
// is, its number, and that of its group, belongs to nobody else.
func awaitEnd(cmd *exec.Cmd) {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// selfExe is this program as it was started, even where the file has been
// replaced since: a restarted plugin must be the host's own build.
func selfExe() (string, error) { return "/proc/self/exe", nil }
