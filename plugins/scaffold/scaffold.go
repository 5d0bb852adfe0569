// Package scaffold makes the beginning of a plugin: a project in Go, Python or
// Node.js that passes the conformance suite as it is.
package scaffold

import (
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"

	"github.com/seed-456efde2/nurture/plugins/internal/wire"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// A template's name ends in .tmpl where its own name would mean something to the
// tools of this repository.
//
//go:embed all:templates
var templates embed.FS

// Options say what to make. Name and Language are required.
type Options struct {
	Name     string // of the plugin, a lower-case word
	Language string // "go", "python" or "node"
	// Version is that of the SDK in Go, "v1.2.3". Default: the latest.
	Version string
	// SDK is a folder with the source of the SDK in Go, to be used instead of a
	// published version. Default: none.
	SDK string
	// Inbound: the plugin also hears of its service what becomes of messages.
	// Default: it only sends.
	Inbound bool
}

// Languages are those that there is a beginning for.
func Languages() []string { return []string{"go", "python", "node"} }

// language is what differs between the READMEs.
type language struct {
	main    string
	build   string
	install string
}

var languages = map[string]language{
	"go": {
		"main.go", "go mod tidy\ngo build -o nurture-plugin-__NAME__ .",
		"mkdir -p plugins && cp …/nurture-plugin-__NAME__ plugins/",
	},
	"python": {
		"nurture-plugin-__NAME__", "apt-get install python3-grpcio python3-protobuf   # or: pip install grpcio protobuf",
		"mkdir -p plugins && cp -r … plugins/__NAME__",
	},
	"node": {
		"nurture-plugin-__NAME__", "npm ci",
		"mkdir -p plugins && cp -r … plugins/__NAME__   # with its node_modules",
	},
}

// goVersion is the language version of a new module.
const goVersion = "1.26"

// Files are the files of the new project, by name.
func Files(o Options) (map[string][]byte, error) {
	l, ok := languages[o.Language]
	switch {
	case !ok:
		return nil, fmt.Errorf("there is no beginning in %q; there are %s", o.Language, strings.Join(Languages(), ", "))
	case !isName(o.Name):
		return nil, fmt.Errorf("the name of a plugin is a lower-case word of letters, digits and _, not %q", o.Name)
	}
	fill := strings.NewReplacer(
		"__MAIN__", strings.ReplaceAll(l.main, "__NAME__", o.Name), "__BUILD__", strings.ReplaceAll(l.build, "__NAME__", o.Name),
		"__INSTALL__", strings.ReplaceAll(l.install, "__NAME__", o.Name),
		"__NAME__", o.Name, "__GO__", goVersion, "__SIGNATURE__", signature(),
	)
	files := map[string][]byte{"channel.proto": wire.Proto()}
	for _, folder := range []string{"common", o.Language} {
		if err := o.readTemplates(files, folder, fill); err != nil {
			return nil, err
		}
	}
	if o.Language == "go" {
		files["go.mod"] = append(files["go.mod"], o.requirement()...)
	}
	if o.Language != "python" {
		return files, nil
	}
	var err error
	files["channel.binpb"], err = proto.Marshal(protodesc.ToFileDescriptorProto(channelv1.File_channel_v1_channel_proto))
	return files, err
}

// requirement is what go.mod says of the SDK. Where no version is known, go mod
// tidy finds the latest.
func (o Options) requirement() string {
	const sdk = "github.com/seed-456efde2/nurture"
	switch {
	case o.SDK != "":
		return "\nrequire " + sdk + " v0.0.0\n\nreplace " + sdk + " => " + o.SDK + "\n"
	case o.Version != "":
		return "\nrequire " + sdk + " " + o.Version + "\n"
	}
	return ""
}

// The service's request in conformance.json, and the token it is signed with.
const (
	callBody  = `{"id":"a3","user":"u1","text":"Good"}`
	callToken = "a-token-for-tests"
)

func signature() string {
	mac := hmac.New(sha256.New, []byte(callToken))
	mac.Write([]byte(callBody))
	return hex.EncodeToString(mac.Sum(nil))
}

// choose leaves out the lines that the options do not ask for: those between a line
// that ends in "[[inbound" and one that ends in "inbound]]", or the same with
// outbound. The marks themselves go too.
func (o Options) choose(text string) string {
	var b strings.Builder
	wanted := map[string]bool{"inbound": o.Inbound, "outbound": !o.Inbound}
	keep := true
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		mark := ""
		if len(words) > 0 {
			mark = words[len(words)-1]
		}
		if name, begins := strings.CutPrefix(mark, "[["); begins {
			keep = wanted[name]
		} else if name, ends := strings.CutSuffix(mark, "]]"); ends && (name == "inbound" || name == "outbound") {
			keep = true
		} else if keep {
			b.WriteString(line)
		}
	}
	return b.String()
}

// readTemplates adds the files of a folder of templates.
func (o Options) readTemplates(files map[string][]byte, folder string, fill *strings.Replacer) error {
	root := path.Join("templates", folder)
	entries, err := fs.ReadDir(templates, root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		b, err := fs.ReadFile(templates, path.Join(root, e.Name()))
		if err != nil {
			return err
		}
		name := fill.Replace(strings.TrimSuffix(e.Name(), ".tmpl"))
		if name == "gitignore" {
			name = ".gitignore"
		}
		files[name] = []byte(fill.Replace(o.choose(string(b))))
	}
	return nil
}

// Write makes the project in a folder, which must be new or empty, and gives the
// names of its files.
func Write(dir string, o Options) ([]string, error) {
	files, err := Files(o)
	if err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty; name another folder with --out", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "nurture-plugin-") {
			mode = 0o755
		}
		if err := os.WriteFile(filepath.Join(dir, name), files[name], mode); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && s[0] >= 'a' && s[0] <= 'z'
}
