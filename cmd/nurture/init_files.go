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

// pipelineOf is the file that runs check and test at every push, nil for none.
func pipelineOf(ci string) (*startFile, error) {
	switch ci {
	case "":
		return nil, nil
	case "github":
		return &startFile{".github/workflows/nurture.yml", []byte(fmt.Sprintf(githubPipeline, installable()))}, nil
	case "gitlab":
		return &startFile{".gitlab-ci.yml", []byte(fmt.Sprintf(gitlabPipeline, installable()))}, nil
	}
	return nil, fmt.Errorf("--ci is github or gitlab, not %q", ci)
}

// installable is the version that go install can fetch: this one, when it is a
// released one.
func installable() string {
	if v := version(); v != "devel" {
		return v
	}
	return "latest"
}

const githubPipeline = `# Checks and tests the rules at every push; what is wrong stands beside its line.
name: nurture

on: [push, pull_request]

permissions:
  contents: read

jobs:
  rules:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-go@v5
        with:
          go-version: stable
      - run: go install github.com/seed-456efde2/nurture/cmd/nurture@%s
      - run: nurture check
      - run: nurture fmt --check
      - run: nurture test --junit report.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: tests
          path: report.xml
`

const gitlabPipeline = `# Checks and tests the rules at every push.
rules:
  image: golang:1.26
  script:
    - go install github.com/seed-456efde2/nurture/cmd/nurture@%s
    - nurture check
    - nurture fmt --check
    - nurture test --junit report.xml
  artifacts:
    when: always
    reports:
      junit: report.xml
`
