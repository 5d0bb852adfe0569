package store

import (
	"os"
	"syscall"
)

// statfs measures the file system under dir: what this process may still write,
// and its size.
func statfs(dir string) (free, total uint64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	return st.Bavail * uint64(st.Bsize), st.Blocks * uint64(st.Bsize), nil
}

// reserve gives the file size bytes on the disk.
func reserve(f *os.File, size int64) error {
	return syscall.Fallocate(int(f.Fd()), 0, 0, size)
}

// lock takes the file for this process alone, or reports that another has it.
func lock(f *os.File) (taken bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

// ownLock says that lock keeps other processes out, so that Badger need not.
const ownLock = true

// unlock gives the lock up for every copy of the file's descriptor: a process
// that was forked a moment ago still holds one until it becomes another program.
func unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// syncData makes what was written to the file durable.
func syncData(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
