package email

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	gomail "github.com/wneessen/go-mail"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// picture is one that mails carry inside.
type picture struct {
	name, kind string
	data       []byte
}

// pictures are those of the folder, by name. They are read once, so that a retry
// is the same mail.
type pictures map[string]picture

// Bounds of the pictures.
const (
	maxPicture  = 1 << 20
	maxPictures = 200
)

var pictureKinds = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml",
}

func (s *settings) readPictures(cfg channel.Config) channel.Diagnostics {
	folder := cfg.Text("images")
	if folder == "" {
		return nil
	}
	wrong := func(en, ja string) channel.Diagnostics {
		return channel.Diagnostics{channel.Wrong("images",
			channel.Text{En: "Pictures not usable", Ja: "画像を使えません"}, channel.Text{En: en, Ja: ja})}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return wrong(fmt.Sprintf("the folder %s cannot be read; write it as seen from where nurture runs, or whole", folder),
			fmt.Sprintf("フォルダー %s を読めません。nurture を動かす場所から見たパスか、絶対パスで書きます", folder))
	}
	s.pictures = pictures{}
	for _, e := range entries {
		kind := pictureKinds[filepath.Ext(e.Name())]
		if kind == "" || !e.Type().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil || len(data) > maxPicture || len(s.pictures) == maxPictures {
			return wrong(fmt.Sprintf("%s cannot be read, is larger than 1 MiB, or is one too many: %d at most", e.Name(), maxPictures),
				fmt.Sprintf("%s を読めないか、1 MiB を超えているか、枚数が多すぎます（%d 枚まで）", e.Name(), maxPictures))
		}
		s.pictures[e.Name()] = picture{e.Name(), kind, data}
	}
	return nil
}

var shownPictures = regexp.MustCompile(`(?i)["'(]cid:([A-Za-z0-9._-]{1,100})["')]`)

// shownIn are the pictures that HTML shows. One that is not there is refused: a mail
// with a hole in it is nothing to send ten thousand times.
func (p pictures) shownIn(page string) ([]picture, *channel.Reply) {
	var shown []picture
	for _, match := range shownPictures.FindAllStringSubmatch(page, -1) {
		one, known := p[match[1]]
		if !known {
			return nil, refuse("no_image", fmt.Sprintf("the mail shows cid:%s, and the folder of images has no such file", match[1]))
		}
		if !slices.ContainsFunc(shown, func(o picture) bool { return o.name == one.name }) {
			shown = append(shown, one)
		}
	}
	return shown, nil
}

func embed(msg *gomail.Msg, shown []picture) {
	for _, p := range shown {
		msg.EmbedReadSeeker(p.name, io.NewSectionReader(bytes.NewReader(p.data), 0, int64(len(p.data))),
			gomail.WithFileContentType(gomail.ContentType(p.kind)), gomail.WithFileContentID("<"+p.name+">"))
	}
}

var randomBoundary = regexp.MustCompile(`boundary="?([0-9a-f]{60})"?`)

// steady puts boundaries that follow from the key in the place of random ones, so
// that a retry is the same mail.
func steady(raw []byte, key string) []byte {
	head := raw
	for i := 0; ; i++ {
		match := randomBoundary.FindSubmatch(head)
		if match == nil {
			return raw
		}
		name := "part-" + key
		if i > 0 {
			name = fmt.Sprintf("part%d-%s", i, key)
		}
		raw = bytes.ReplaceAll(raw, match[1], []byte(name))
		head = raw
	}
}
