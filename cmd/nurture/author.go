package main

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// authorOf is who changed the files of a folder last, as its git repository has it:
// "Sato 3f2a9c1", with " +" behind it where the files differ from that commit. It is
// "" for a folder that is in no repository, or where there is no git.
func authorOf(ctx context.Context, dir string) string {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	last, err := exec.CommandContext(ctx, "git", "-C", dir, "log", "-1", "--format=%an %h", "--", ".").Output()
	author := strings.TrimSpace(string(last))
	if err != nil || author == "" {
		return ""
	}
	if changed, err := exec.CommandContext(ctx, "git", "--no-optional-locks", "-C", dir, "status", "--porcelain", "--", ".").Output(); err != nil || len(changed) > 0 {
		author += " +"
	}
	return author
}
