package enginetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// PythonGRPC is the Python for which Debian's gRPC is installed, which plugins in
// Python need.
func PythonGRPC(t testing.TB) string {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import grpc, google.protobuf").Run(); err != nil {
		missing(t, "gRPC for Python", "install Debian's packages python3-grpcio and python3-protobuf")
	}
	return python
}

// PluginPackages is the folder in which the npm packages of a plugin in Node.js
// are installed.
func PluginPackages(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Clients(t), "plugin")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		missing(t, "the npm packages of a plugin", "`make test` installs them where npm is")
	}
	return dir
}
