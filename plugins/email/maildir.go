package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// maxMail is how much of a mail is read. What says that a mail came back stands
// before the copy of it.
const maxMail = 1 << 20

// mailsAtOnce is how many mails of a Maildir are taken before they are moved.
const mailsAtOnce = 100

// readMaildir takes the mails of the folder new and moves them to cur when what
// they tell is durable. A mail that was taken but not yet moved when the process
// ended is taken again and tells the same facts, which count once.
func (c *Channel) readMaildir(ctx context.Context, d *desk) error {
	for {
		more, err := c.takeMaildir(ctx, d)
		if err != nil {
			return err
		}
		if !more && !pause(ctx, c.settings.intake.poll) {
			return ctx.Err()
		}
	}
}

// takeMaildir takes what is there, up to a bound, and says whether there is more.
func (c *Channel) takeMaildir(ctx context.Context, d *desk) (more bool, err error) {
	root := c.settings.intake.maildir
	folder, err := os.Open(filepath.Join(root, "new"))
	if err != nil {
		return false, fmt.Errorf("open the Maildir: %w", err)
	}
	defer folder.Close()
	names, err := folder.Readdirnames(mailsAtOnce)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read the Maildir: %w", err)
	}
	var facts []channel.Fact
	var taken []string
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			continue
		}
		raw, err := readMail(filepath.Join(root, "new", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else's mail program was faster
		}
		if err != nil {
			return false, fmt.Errorf("read a mail of the Maildir: %w", err)
		}
		facts, taken = append(facts, c.factsOf(raw)...), append(taken, name)
	}
	if err := d.accept(ctx, facts, nil); err != nil {
		return false, err
	}
	for _, name := range taken {
		err := os.Rename(filepath.Join(root, "new", name), filepath.Join(root, "cur", name+":2,"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("move a mail that was taken to cur: %w", err)
		}
	}
	return len(names) == mailsAtOnce && len(taken) > 0, nil
}

func readMail(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxMail))
}
