package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-456efde2/nurture/dsl"
)

// helpJa is the help of all verbs in Japanese, by the English sentence.
var helpJa = joinedHelp(helpJaVerbs, helpJaChanges, helpJaFacts, helpJaExplain, helpJaRollout, helpJaTry)

func joinedHelp(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// speakHelp lets --help speak the reader's language: the verbs tell their help in
// English, and helpJa has the same sentences in Japanese.
func (c *cli) speakHelp(root *cobra.Command) {
	root.InitDefaultHelpFlag() // so that --help before another flag does not take it for its value
	standard := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if c.language("") != "ja" {
			standard(cmd, args)
			return
		}
		fmt.Fprint(cmd.OutOrStdout(), helpText(cmd))
	})
}

// inHelp is a sentence of the help in the language; one that nobody has put into
// Japanese stays as it is.
func inHelp(sentence, language string) string {
	if ja, ok := helpJa[sentence]; ok && language == "ja" {
		return ja
	}
	return sentence
}

// helpText is --help in Japanese.
func helpText(cmd *cobra.Command) string {
	var b strings.Builder
	long := cmd.Long
	if long == "" {
		long = cmd.Short
	}
	b.WriteString(inHelp(long, "ja") + "\n\n使い方:\n")
	if cmd.Runnable() {
		b.WriteString("  " + cmd.UseLine() + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("  " + cmd.CommandPath() + " [コマンド]\n")
	}
	if cmd.HasExample() {
		b.WriteString("\n例:\n" + cmd.Example + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nコマンド:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				b.WriteString("  " + pad(sub.Name(), cmd.NamePadding()) + " " + inHelp(sub.Short, "ja") + "\n")
			}
		}
	}
	flagHelp(&b, "オプション", cmd.LocalFlags())
	flagHelp(&b, "共通のオプション", cmd.InheritedFlags())
	return b.String()
}

func flagHelp(b *strings.Builder, title string, flags *pflag.FlagSet) {
	spoken := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.VisitAll(func(f *pflag.Flag) {
		own := *f
		own.Usage = flagUsage(f, "ja")
		spoken.AddFlag(&own)
	})
	if spoken.HasAvailableFlags() {
		text := strings.ReplaceAll(spoken.FlagUsages(), "(default ", "(既定 ")
		b.WriteString("\n" + title + ":\n" + text)
	}
}

func flagUsage(f *pflag.Flag, language string) string {
	if f.Name == "help" {
		return words(language, f.Usage, "このコマンドの説明を表示する")
	}
	return inHelp(f.Usage, language)
}

// eachVerb visits all verbs that can be called, in order.
func eachVerb(cmd *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" && sub.Name() != "completion" {
			visit(sub)
			eachVerb(sub, visit)
		}
	}
}

// allVerbs is a command tree for reading, not for running.
func allVerbs() *cobra.Command { return (&cli{}).root() }

// commandsPage is the page of all verbs, from the verbs themselves.
func commandsPage(language string) string {
	root := allVerbs()
	var b strings.Builder
	b.WriteString(words(language, "# Commands\n\n", "# コマンド\n\n"))
	b.WriteString(inHelp(root.Long, language) + "\n\n")
	b.WriteString(words(language,
		"Exit codes of every verb: 0 fine, 1 problems found or failure, 3 the workspace is invalid, 4 no server answers.\n\n",
		"どのコマンドの終了コードも同じです。0 は成功、1 は問題ありまたは失敗、3 はワークスペースが読み込めない、4 はサーバーに接続できない。\n\n"))
	b.WriteString(words(language, "Every verb takes:\n\n", "どのコマンドでも使えるオプション:\n\n"))
	b.WriteString(flagTable(root.PersistentFlags(), language) + "\n")
	eachVerb(root, func(cmd *cobra.Command) {
		fmt.Fprintf(&b, "## %s\n\n%s", verbName(cmd), verbText(cmd, language))
	})
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// verbName is a verb without the program's name: "docs schema".
func verbName(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

// verbText is what there is to say about a verb, as Markdown.
func verbText(cmd *cobra.Command, language string) string {
	var b strings.Builder
	b.WriteString(inHelp(cmd.Short, language) + words(language, ".\n\n", "。\n\n"))
	if cmd.Runnable() {
		fmt.Fprintf(&b, "```text\n%s\n```\n\n", cmd.UseLine())
	}
	if cmd.Long != "" {
		b.WriteString(inHelp(cmd.Long, language) + "\n\n")
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "```sh\n%s\n```\n\n", unindented(cmd.Example))
	}
	if table := flagTable(cmd.NonInheritedFlags(), language); table != "" {
		b.WriteString(table + "\n")
	}
	return b.String()
}

func unindented(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func flagTable(flags *pflag.FlagSet, language string) string {
	var rows []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		kind := f.Value.Type()
		form := "--" + f.Name
		if kind != "bool" {
			form += " " + kind
		}
		usage := flagUsage(f, language)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			usage += fmt.Sprintf(words(language, " (default `%s`)", "（既定 `%s`）"), f.DefValue)
		}
		rows = append(rows, "| `"+form+"` | "+strings.ReplaceAll(usage, "|", `\|`)+" |")
	})
	if len(rows) == 0 {
		return ""
	}
	slices.Sort(rows)
	head := words(language, "| flag | meaning |", "| オプション | 意味 |") + "\n| --- | --- |\n"
	return head + strings.Join(rows, "\n") + "\n"
}

// verbTopics are the verbs as topics of the documentation.
func verbTopics(language string) []dsl.Topic {
	var out []dsl.Topic
	eachVerb(allVerbs(), func(cmd *cobra.Command) {
		name := verbName(cmd)
		out = append(out, dsl.Topic{
			Kind: "verb", Name: name, Title: name, Text: verbText(cmd, language),
			Page: "commands.md", Anchor: dsl.Anchor(name),
		})
	})
	return out
}
