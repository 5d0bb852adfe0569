package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) leadUnmergeVerb(cl *client) *cobra.Command {
	var asJSON bool
	verb := &cobra.Command{
		Use: "unmerge LEAD", Short: "Let a lead that was merged into another be one of its own again", Args: cobra.ExactArgs(1),
		Long: `unmerge takes a merge back: a browser that somebody else used, two people with one
address. LEAD is the part: its internal id, or the anonymousId or userId under which it
was first seen. Both fold their own facts anew, and what came for the part while they
were one goes with it. What was done for either stays done.`,
		Example: "  nurture lead unmerge 2b1f0c0e-phone",
		RunE: func(cmd *cobra.Command, args []string) error {
			return cl.within(cmd.Context(), func() error {
				return c.settled(cmd.Context(), cl, "/api/v1/leads/unmerge", httpd.LeadName{ID: args[0]}, asJSON,
					words(c.language(""), "%s is a lead of its own again; it was a part of %s\n", "%s を %s から分け、ひとりのリードに戻しました\n"))
			})
		},
	}
	verb.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return verb
}

func (c *cli) leadConflictsVerb(cl *client) *cobra.Command {
	var asJSON, all bool
	var limit int
	verb := &cobra.Command{
		Use: "conflicts", Short: "List leads with different userIds that have a name in common", Args: cobra.NoArgs,
		Long: `conflicts lists pairs of leads that each have a userId and have the same address, number
or other identifier. They are never merged by themselves; lead settle says what they are.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cl.within(cmd.Context(), func() error { return c.conflicts(cmd.Context(), cl, limit, all, asJSON) })
		},
	}
	verb.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	verb.Flags().BoolVar(&all, "all", false, "those too that are settled")
	verb.Flags().IntVar(&limit, "limit", 50, "how many at most, to 1000")
	return verb
}

func (c *cli) conflicts(ctx context.Context, cl *client, limit int, all, asJSON bool) error {
	var list httpd.ConflictList
	if err := cl.call(ctx, http.MethodGet, fmt.Sprintf("/api/v1/conflicts?limit=%d&all=%v", limit, all), nil, &list); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(c.out).Encode(struct {
			Schema    string              `json:"schema"`
			Conflicts []httpd.ConflictDoc `json:"conflicts"`
		}{schemaVersion, list.Conflicts})
	}
	lang := c.language("")
	if len(list.Conflicts) == 0 {
		fmt.Fprintln(c.out, words(lang, "no conflicts", "競合はありません"))
	}
	for _, k := range list.Conflicts {
		fmt.Fprintf(c.out, words(lang, "%s %s and %s %s have the same %s, since %s%s\n", "%s %s と %s %s の %[5]s が同じ値です（%[6]s から）%[7]s\n"),
			k.Lead, k.User, k.Other, k.OtherUser, k.Attribute, c.stamp(&k.Since), settledWord(lang, k.Settled))
	}
	return nil
}

func settledWord(lang string, settled bool) string {
	if settled {
		return words(lang, ": two people", ": 別人")
	}
	return ""
}

func (c *cli) leadSettleVerb(cl *client) *cobra.Command {
	var asJSON, same, apart bool
	verb := &cobra.Command{
		Use: "settle LEAD OTHER", Short: "Say whether two leads in conflict are one person", Args: cobra.ExactArgs(2),
		Long: `settle --same makes OTHER a part of LEAD, though both have a userId; lead unmerge takes
it back. settle --apart says that they are two people; nobody is asked again.`,
		Example: "  nurture lead settle tanaka tanaka-2 --same\n  nurture lead settle tanaka suzuki --apart",
		RunE: func(cmd *cobra.Command, args []string) error {
			if same == apart {
				return errors.New("say --same or --apart")
			}
			text := words(c.language(""), "%s and the other lead are two people\n", "%s ともう一方のリードを別人としました\n")
			if same {
				text = words(c.language(""), "%s is a part of %s now\n", "%s を %s に統合しました\n")
			}
			order := httpd.ConflictVerdict{Lead: args[0], Other: args[1], Same: same}
			return cl.within(cmd.Context(), func() error {
				return c.settled(cmd.Context(), cl, "/api/v1/conflicts/settle", order, asJSON, text)
			})
		},
	}
	verb.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	verb.Flags().BoolVar(&same, "same", false, "they are one person")
	verb.Flags().BoolVar(&apart, "apart", false, "they are two people")
	return verb
}

// settled makes a call about who is who, and tells what came of it. text has a place
// for the lead, and one for the lead that it was or is a part of where there is one.
func (c *cli) settled(ctx context.Context, cl *client, path string, order any, asJSON bool, text string) error {
	var done httpd.IdentityResult
	if err := cl.call(ctx, http.MethodPost, path, order, &done); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(c.out).Encode(struct {
			Schema string `json:"schema"`
			httpd.IdentityResult
		}{schemaVersion, done})
	}
	if done.Of == "" {
		fmt.Fprintf(c.out, text, done.Lead)
		return nil
	}
	fmt.Fprintf(c.out, text, done.Lead, done.Of)
	return nil
}
