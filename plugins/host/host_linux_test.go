package host

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestHostDeathTakesPlugin(t *testing.T) {
	t.Parallel()
	host := exec.Command(os.Args[0], "hosting")
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	} else if _, err := fmt.Sscanf(line, "plugin %d", &pid); err != nil {
		t.Fatal(line)
	}
	plugin, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(plugin)
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	awaitDeath(t, plugin)
}

// awaitDeath waits for the end of the process behind a pidfd.
func awaitDeath(t *testing.T, pidfd int) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, int(patience.Milliseconds()))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n != 1 {
			t.Fatalf("the process lives on (%v)", err)
		}
		return
	}
}

// Closing the host is bounded even while a process is stopped.
func TestCloseKillsHungPlugin(t *testing.T) {
	t.Parallel()
	o := testOptions("relay")
	o.StopTimeout = 50 * time.Millisecond
	o.graces.kill = 0 // it may be that the process stops only after it was drained
	o.PingEvery = time.Hour
	h := newHostWith(t, o, nil, nil, "relay")
	pid := h.Status()[0].PID
	plugin, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(plugin)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- h.Close() }()
	if err := get(t, "end of Close", closed); err != nil {
		t.Fatal(err)
	}
	awaitDeath(t, plugin)
	if _, err := os.Stat(h.dir.path); !os.IsNotExist(err) {
		t.Errorf("the folder of sockets is still there: %v", err)
	}
}

// A plugin that does not leave when it is told to, not even by SIGTERM, is killed,
// and so is what it has started.
func TestPluginThatStays(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	h := newHost(t, r, nil, "stays", "nanny")
	waitSaid(t, r, "linger") // the nanny's child
	before, processes := h.Status(), []int{}
	for _, st := range before {
		process, err := unix.PidfdOpen(st.PID, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(process)
		processes = append(processes, process)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	waitSaid(t, r, "bye")
	for i, st := range before {
		if err := unix.PidfdSendSignal(processes[i], 0, nil, 0); !errors.Is(err, unix.ESRCH) { // not even a zombie
			t.Errorf("the process %d of %s is still there (%v)", st.PID, st.Channel, err)
		}
	}
}

func TestEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("NURTURE_TEST_SECRET", "hush")
	r := newReceiver(t)
	h := newHost(t, r, nil, "relay")
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", h.Status()[0].PID))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(env), "hush") {
		t.Error("the plugin got our environment")
	}
	stdin, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", h.Status()[0].PID))
	if err != nil || !strings.HasPrefix(stdin, "pipe:") {
		t.Errorf("standard input is %q (%v)", stdin, err)
	}
	info, err := os.Stat(h.dir.path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of sockets: %v %v", info.Mode(), err)
	}
}

func TestVerifiedBinary(t *testing.T) {
	t.Parallel()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "relay")
	if err := os.WriteFile(path, self, 0o755); err != nil {
		t.Fatal(err)
	}
	sum, err := Binary{Path: path}.Sum()
	if err != nil {
		t.Fatal(err)
	}
	good := Binary{Path: path, SHA256: sum, Args: []string{"plugin", "serve", "relay"}}
	start := func(b Binary) error {
		o := testOptions("relay")
		o.Builtin = func(string) []string { return nil }
		o.Binaries = map[string]Binary{"relay": b}
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		err = h.Apply(t.Context(), configs(nil, "relay"))
		if err == nil {
			exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", h.Status()[0].PID))
			if !strings.HasPrefix(exe, h.dir.path) {
				t.Errorf("runs %s, not the verified copy", exe)
			}
		}
		return err
	}
	refuses := func(b Binary, want string) {
		t.Helper()
		if err := start(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := start(good); err != nil {
		t.Fatal(err)
	}
	refuses(Binary{Path: path, Args: good.Args}, "sha256 is not 64 hexadecimal digits")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	refuses(Binary{Path: link, SHA256: sum, Args: good.Args}, "symbolic link")
	if err := os.Chmod(path, 0o775); err != nil {
		t.Fatal(err)
	}
	refuses(good, "others than its owner may write it")
	if err := errors.Join(os.Chmod(path, 0o755), os.WriteFile(path, append(self, 'x'), 0o755)); err != nil {
		t.Fatal(err)
	}
	refuses(good, "it was changed")
}
