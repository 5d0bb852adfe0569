//go:build !unix

package host

import (
	"os"
	"os/exec"
)

// isolate does nothing: there are no process groups here.
func isolate(*exec.Cmd) {}

// killGroup kills the process alone.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

// awaitEnd returns when the process has ended and was collected.
func awaitEnd(cmd *exec.Cmd) { _ = cmd.Wait() }

// selfExe is this program.
func selfExe() (string, error) { return os.Executable() }
