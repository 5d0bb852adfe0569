package enginetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Some tests run against real parts that are not ours: a browser, clients that
// others ship, recorded events. Where a part is missing, the test is skipped, and
// the skip is written to the file that NURTURE_SKIPPED names, which `make test`
// prints at its end. With NURTURE_REQUIRE_REAL=1 or CI=true a missing part is a
// failure.

// Browser is the path of a Chromium.
func Browser(t testing.TB) string {
	t.Helper()
	return program(t, "a Chromium", "install Debian's package chromium", "chromium", "chromium-browser", "google-chrome")
}

// Node is the path of Node.js.
func Node(t testing.TB) string {
	t.Helper()
	return program(t, "Node.js", "install Debian's package nodejs, or any Node.js from 20 on", "node", "nodejs")
}

// Curl is the path of curl.
func Curl(t testing.TB) string {
	t.Helper()
	return program(t, "curl", "install Debian's package curl", "curl")
}

// Neovim is the path of Neovim, from 0.7 on.
func Neovim(t testing.TB) string {
	t.Helper()
	return program(t, "Neovim", "install Debian's package neovim", "nvim")
}

// Clients is the folder in which the real npm clients are installed.
func Clients(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("NURTURE_CLIENTS")
	if dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
			return dir
		}
	}
	missing(t, "the npm clients", "`make test` installs them where npm is")
	return ""
}

// EditorPackages is the folder in which the npm packages of the editor's extension
// are installed.
func EditorPackages(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Clients(t), "editor")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		missing(t, "the npm packages of the editor's extension", "`make test` installs them where npm is")
	}
	return dir
}

// Tryton is the Python for which Debian's Tryton is installed, with its modules of
// marketing automation and parties.
func Tryton(t testing.TB) string {
	t.Helper()
	const python = "/usr/bin/python3"
	modules := "import trytond.modules.marketing_automation, trytond.modules.party"
	if err := exec.Command(python, "-W", "ignore", "-c", modules).Run(); err != nil {
		missing(t, "Tryton", "install Debian's packages tryton-modules-marketing-automation and tryton-modules-party")
	}
	return python
}

// TrytonPrograms are the programs of a Tryton server, and the versions of what it
// is made of.
type TrytonPrograms struct{ Server, Admin, Version string }

// TrytonServer are the programs of Debian's Tryton, with its module of sales
// opportunities.
func TrytonServer(t testing.TB) TrytonPrograms {
	t.Helper()
	const way = "install Debian's packages tryton-server and tryton-modules-sale-opportunity"
	p := TrytonPrograms{
		Server: program(t, "Tryton's server", way, "trytond"),
		Admin:  program(t, "Tryton's server", way, "trytond-admin"),
	}
	const ask = "import trytond, trytond.modules.sale_opportunity, trytond.modules as m\n" +
		"print(trytond.__version__, sorted((n, m.get_module_info(n).get('version')) for n in m.get_module_list()))"
	version, err := exec.Command("/usr/bin/python3", "-W", "ignore", "-c", ask).Output()
	if err != nil {
		missing(t, "Tryton's sales opportunities", way)
	}
	p.Version = string(version)
	return p
}

// Postfix is the path of the program that starts and stops a Postfix, as root.
func Postfix(t testing.TB) string {
	t.Helper()
	const way = "install Debian's package postfix and run the tests as root"
	if os.Geteuid() != 0 {
		missing(t, "a Postfix that may be started", way)
	}
	return program(t, "Postfix", way, "postfix", "/usr/sbin/postfix")
}

// Data is the path of a file of recorded events, which are kept beside the
// repository, not in it: ../shared/data/NAME as seen from the module's folder.
func Data(t testing.TB, name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		missing(t, "the recorded events "+name, "put them under ../shared/data")
	}
	return path
}

func program(t testing.TB, what, way string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, what, way)
	return ""
}

// Missing ends a test for which a real part is not here: what it is, and the way to
// have it.
func Missing(t testing.TB, what, way string) {
	t.Helper()
	missing(t, what, way)
}

// missing ends the test.
func missing(t testing.TB, what, way string) {
	t.Helper()
	text := fmt.Sprintf("%s needs %s, which is not here; %s", t.Name(), what, way)
	if os.Getenv("NURTURE_REQUIRE_REAL") == "1" || os.Getenv("CI") == "true" {
		t.Fatal(text)
	}
	if err := note(os.Getenv("NURTURE_SKIPPED"), text); err != nil {
		t.Fatalf("note a skipped test: %v", err)
	}
	t.Skip(text)
}

// note adds a line to the file; several test processes write to it at once, which
// appending a short line bears.
func note(path, line string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// moduleRoot is the folder of the go.mod above the working directory, which is
// the folder of the package under test.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = up
	}
}
