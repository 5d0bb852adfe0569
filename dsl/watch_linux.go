package dsl

import "golang.org/x/sys/unix"

// remoteFolder reports whether a folder lies on a file system that another machine
// writes to, so that nobody tells us of changes: NFS, SMB, FUSE, 9P, Ceph, AFS.
func remoteFolder(dir string) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	switch uint32(s.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC,
		unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC, unix.CEPH_SUPER_MAGIC, unix.AFS_SUPER_MAGIC:
		return true
	}
	return false
}
