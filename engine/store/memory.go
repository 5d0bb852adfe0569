package store

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// AvailableMemory is the memory this process may use: the machine's, or less
// where a control group limits it. It is 1 GiB where nothing can be found out.
func AvailableMemory() uint64 {
	memory := machineMemory("/proc/meminfo")
	if limit := groupLimit("/sys/fs/cgroup", "/proc/self/cgroup"); limit > 0 && (memory == 0 || limit < memory) {
		memory = limit
	}
	if memory == 0 {
		return 1 << 30
	}
	return memory
}

// MemoryLimit is the soft limit that a process holding a store should set with
// debug.SetMemoryLimit unless its operator set GOMEMLIMIT: without one the heap
// grows to twice what the caches, memtables and table builders hold. A limit below
// what they hold (250 MiB and the caches) makes the garbage collector run all the
// time and takes half the speed.
func MemoryLimit(memory uint64) int64 {
	const gib = 1 << 30
	if memory < 2*gib {
		return int64(memory / 100 * 45) // mapped files and plugins need the rest
	}
	return int64(min(memory/10*6, 3*gib))
}

// machineMemory reads MemTotal.
func machineMemory(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			kib, err := strconv.ParseUint(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// groupLimit finds the tightest limit on the way from the process's control
// group to the root, of either version of control groups. 0: none.
func groupLimit(root, self string) uint64 {
	text, err := os.ReadFile(self)
	if err != nil {
		return 0
	}
	var least uint64
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base, name := root, "memory.max"
		switch {
		case strings.Contains(","+parts[1]+",", ",memory,"):
			base, name = filepath.Join(root, "memory"), "memory.limit_in_bytes"
		case parts[1] != "":
			continue
		}
		for group := parts[2]; ; group = filepath.Dir(group) {
			if n := readLimit(filepath.Join(base, group, name)); n > 0 && (least == 0 || n < least) {
				least = n
			}
			if group == "/" || group == "." {
				break
			}
		}
	}
	return least
}

// readLimit reads one limit file; "max" and absurdly large numbers are none.
func readLimit(path string) uint64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n > 1<<60 {
		return 0
	}
	return n
}
