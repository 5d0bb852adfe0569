package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// maxDescription bounds what the `describe` sub-command prints.
const maxDescription = 1 << 20

// Describe asks a plugin's program what it is, by its `describe` sub-command, and
// gives the checksum of exactly the bytes that answered. The program runs without
// our environment, in a group of its own that is killed when ctx ends.
func Describe(ctx context.Context, b Binary) (d channel.Description, sum string, err error) {
	cache, err := os.MkdirTemp("", "nurture-describe-")
	if err != nil {
		return d, "", err
	}
	defer removeTree(cache)
	if b.SHA256, err = b.Sum(); err != nil {
		return d, "", fmt.Errorf("plugin program %s: %w", b.Path, err)
	}
	command, err := b.verified(cache)
	if err != nil {
		return d, "", err
	}
	out, err := ask(ctx, append(command, "describe"))
	if err != nil {
		return d, "", fmt.Errorf("%s describe: %w", b.Path, err)
	}
	if d, err = channel.DecodeDescription(out); err != nil {
		return d, "", fmt.Errorf("%s describe did not print a description: %w", b.Path, err)
	}
	return d, b.SHA256, nil
}

// ask runs a command and gives what it prints.
func ask(ctx context.Context, command []string) ([]byte, error) {
	// The parent-death signal comes when the thread ends that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	out, errs := &bounded{limit: maxDescription}, &bounded{limit: maxLine}
	cmd.Env, cmd.Stdout, cmd.Stderr = inheritedEnv(), out, errs
	isolate(cmd)
	cmd.Cancel = func() error { killGroup(cmd.Process.Pid); return nil }
	cmd.WaitDelay = 10 * time.Second // a grandchild may hold the pipes
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("no answer in time")
	case err != nil:
		if words := strings.TrimSpace(errs.kept.String()); words != "" {
			lines := strings.Split(words, "\n")
			return nil, fmt.Errorf("%w; it wrote: %s", err, cut(lines[len(lines)-1], 200))
		}
		return nil, err
	case out.over:
		return nil, fmt.Errorf("it prints more than %d bytes", maxDescription)
	}
	return out.kept.Bytes(), nil
}

// bounded keeps the first bytes that are written to it, and takes the rest.
type bounded struct {
	kept  bytes.Buffer // not embedded: its ReadFrom knows no limit
	limit int
	over  bool
}

func (w *bounded) Write(b []byte) (int, error) {
	room := min(w.limit-w.kept.Len(), len(b))
	w.over = w.over || room < len(b)
	w.kept.Write(b[:room])
	return len(b), nil
}
