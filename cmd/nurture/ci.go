package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

//go:embed ci/github.yml
var githubPipeline string

//go:embed ci/gitlab.yml
var gitlabPipeline string

// pipelineOf is the file that runs check and test at every push, shows the plan of a
// change and applies it when it is merged; nil for no CI. rules is the folder of the
// rules in the repository.
func pipelineOf(ci, rules string) (*startFile, error) {
	fill := strings.NewReplacer("VERSION", installable(), "RULES", rules)
	switch ci {
	case "":
		return nil, nil
	case "github":
		return &startFile{".github/workflows/nurture.yml", []byte(fill.Replace(githubPipeline))}, nil
	case "gitlab":
		return &startFile{".gitlab-ci.yml", []byte(fill.Replace(gitlabPipeline))}, nil
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

// generatePipelineVerb prints the pipeline of a CI.
func (c *cli) generatePipelineVerb(ci, name, file string) *cobra.Command {
	var rules string
	verb := &cobra.Command{
		Use: ci, Short: "Print a pipeline for " + name, Args: cobra.NoArgs,
		Long: ci + ` prints a pipeline for ` + name + `. At every push the rules are checked and tested;
a proposed change gets a comment with what it would do to the people who are there
now, and what the recorded month would have been under it; what is merged is applied
to the running server. The server's address and an API key of the scope rules are
secrets of the repository; the file says which.`,
		Example: "  nurture generate " + ci + " > " + file + "\n  nurture key create --name ci --scope rules",
		RunE: func(*cobra.Command, []string) error {
			pipeline, err := pipelineOf(ci, rules)
			if err != nil {
				return err
			}
			if c.json {
				return c.print(map[string]any{"ok": true, "file": pipeline.path, "content": string(pipeline.content)})
			}
			_, err = c.out.Write(pipeline.content)
			return err
		},
	}
	verb.Flags().StringVar(&rules, "workspace", ".", "folder of the rules in the repository")
	return verb
}
