package main

import (
	"fmt"
	"io/fs"

	"github.com/seed-456efde2/nurture/workflows"
)

// starterFiles are a starter's own files.
func starterFiles(name string) ([]startFile, error) {
	tree, err := workflows.Open(name)
	if err != nil {
		return nil, err
	}
	var files []startFile
	err = fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		files = append(files, startFile{path, content})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the starter: %w", err)
	}
	return files, nil
}

// ignored is the .gitignore of a workspace.
var ignored = map[string]string{
	"en": `# A server's data holds personal data and never belongs into the repository.
/data/
*.data/

# Secrets: SMTP_PASSWORD and the like.
.env
.env.*

# What tests and previews leave behind.
/report.xml
/preview/
`,
	"ja": `# サーバーのデータには個人情報が入ります。リポジトリには決して入れません。
/data/
*.data/

# SMTP_PASSWORD などの秘密の値。
.env
.env.*

# テストとプレビューが残すもの。
/report.xml
/preview/
`,
}
