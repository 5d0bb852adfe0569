package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// postfix is a real Postfix of this test alone, with a folder, a port and a queue of
// its own. It hands on what it takes to a sink, but not before release.
type postfix struct {
	t      *testing.T
	folder string
	port   string
}

const postfixMain = `compatibility_level = 3.6
queue_directory = FOLDER/queue
data_directory = FOLDER/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.test
mydestination =
alias_maps =
recipient_delimiter = +
virtual_mailbox_domains = back.test
virtual_mailbox_base = FOLDER
virtual_mailbox_maps = static:mailbox/
virtual_uid_maps = static:OWNER
virtual_gid_maps = static:OWNER
virtual_minimum_uid = 1
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
default_process_limit = 30
relayhost = [127.0.0.1]:SINK
smtp_dns_support_level = disabled
smtp_host_lookup = native
maillog_file = FOLDER/maillog
maillog_file_prefixes = FOLDER
defer_transports = smtp
qmgr_message_active_limit = 20000
`

const postfixMaster = `127.0.0.1:PORT inet n - n - 30 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// newPostfix sets one up that hands on to a sink; it does not run yet.
func newPostfix(t *testing.T, sink string) *postfix {
	t.Helper()
	enginetest.Postfix(t)
	folder, err := os.MkdirTemp("", "relay")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	_, sinkPort, err := net.SplitHostPort(sink)
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(enginetest.Address(t))
	if err != nil {
		t.Fatal(err)
	}
	p := &postfix{t: t, folder: folder, port: port}
	// Its programs run as the user postfix, and read their settings.
	p.must(os.Chmod(folder, 0o755))
	for _, sub := range []string{"etc", "queue", "data", "mailbox/new", "mailbox/cur", "mailbox/tmp"} {
		p.must(os.MkdirAll(filepath.Join(folder, sub), 0o755))
	}
	p.run("chown", "-R", "postfix", filepath.Join(folder, "data"), filepath.Join(folder, "mailbox"))
	owner := strings.TrimSpace(p.run("id", "-u", "postfix"))
	// While none of its daemons run, a program that runs as the user postfix writes into
	// the log itself.
	log := filepath.Join(folder, "maillog")
	p.must(os.WriteFile(log, nil, 0o644))
	p.must(os.Chmod(log, 0o666))
	fill := strings.NewReplacer("FOLDER", folder, "SINK", sinkPort, "PORT", p.port, "OWNER", owner)
	p.must(os.WriteFile(filepath.Join(folder, "etc", "main.cf"), []byte(fill.Replace(postfixMain)), 0o644))
	p.must(os.WriteFile(filepath.Join(folder, "etc", "master.cf"), []byte(fill.Replace(postfixMaster)), 0o644))
	return p
}

func (p *postfix) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *postfix) run(name string, args ...string) string {
	p.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func (p *postfix) addr() string { return net.JoinHostPort("127.0.0.1", p.port) }

// do is one of Postfix's own words: start, stop, abort, flush, reload.
func (p *postfix) do(word string) {
	p.t.Helper()
	p.run("postfix", "-c", filepath.Join(p.folder, "etc"), word)
}

// runs reports whether its master is there: it may go on for a while after it was
// aborted, and would refuse another.
func (p *postfix) runs() bool {
	return exec.Command("postfix", "-c", filepath.Join(p.folder, "etc"), "status").Run() == nil
}

// leaveHalf leaves a mail that is half taken, as one does that is aborted at the wrong
// moment. Its next start has to tell of it.
func (p *postfix) leaveHalf() {
	p.t.Helper()
	incoming := filepath.Join(p.folder, "queue", "incoming")
	file := filepath.Join(incoming, "363509.21658")
	p.must(os.WriteFile(file, nil, 0o600))
	p.run("chown", "postfix", file)
}

// stopAtEnd stops it when the test ends.
func (p *postfix) stopAtEnd() {
	p.t.Cleanup(func() {
		if b, err := os.ReadFile(filepath.Join(p.folder, "maillog")); err == nil && p.t.Failed() {
			p.t.Logf("the end of Postfix's log:\n%s", b[max(0, len(b)-4000):])
		}
		_ = exec.Command("postfix", "-c", filepath.Join(p.folder, "etc"), "stop").Run()
	})
}

// release lets it hand on what it has taken.
func (p *postfix) release() {
	p.t.Helper()
	p.run("postconf", "-c", filepath.Join(p.folder, "etc"), "-e", "defer_transports =")
	p.do("reload")
	p.do("flush")
}

var queuedMail = regexp.MustCompile(`cleanup\[\d+\]: ([0-9A-F]+): message-id=`)

// begun is how many mails it has begun to take.
func (p *postfix) begun() int {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.folder, "maillog"))
	if os.IsNotExist(err) {
		return 0
	}
	p.must(err)
	return len(queuedMail.FindAll(b, -1))
}
