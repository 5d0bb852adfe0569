package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/store"
)

// keyring is where the verb key finds the keys: at a running server, or in the
// folder of one that does not run.
type keyring struct {
	c    *cli
	cl   *client
	data string

	deed, target string // for the audit log, of what changes the folder
}

func (c *cli) keyVerb() *cobra.Command {
	verb := &cobra.Command{
		Use: "key", Short: "Make, replace and withdraw keys", Args: cobra.NoArgs,
		Long: `A write key lets a client send events to one source; an API key lets a person or a
program use the API and the console, as far as its scopes go. A secret is shown once,
when its key is made; only a hash of it is kept. key asks a running server, or opens
the data folder of one that does not run (--data).`,
	}
	k := &keyring{c: c, cl: c.serverFlags(verb)}
	verb.PersistentFlags().StringVar(&k.data, "data", "", "data folder of a server that does not run")
	verb.AddCommand(c.keyListVerb(k), c.keyCreateVerb(k), c.keyRotateVerb(k), c.keyRevokeVerb(k))
	return verb
}

// book opens the keys of a folder.
func (k *keyring) book(do func(*access.Book) error) (err error) {
	s, err := store.Open(store.Options{Dir: k.data})
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	k.c.zoneOf(s)
	b, err := access.Open(s)
	if err != nil {
		return err
	}
	if k.deed == "" {
		return do(b)
	}
	now := time.Now()
	e := store.AuditEntry{At: engine.TimeOf(now), Who: "this machine", Via: "folder", Action: k.deed, Target: k.target}
	if e.Seq, err = s.BeginAudit(e, 0); err != nil {
		return err
	}
	if err = do(b); err != nil {
		e.Status = http.StatusBadRequest
	} else {
		e.Status = http.StatusOK
	}
	return errors.Join(err, s.EndAudit(e))
}

func (c *cli) keyListVerb(k *keyring) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Show the keys, without their secrets", Args: cobra.NoArgs, Example: "  nurture key list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := httpd.KeyList{Keys: []httpd.KeyDoc{}}
			var err error
			if k.data == "" {
				err = k.cl.call(cmd.Context(), http.MethodGet, "/api/v1/keys", nil, &list)
			} else {
				err = k.book(func(b *access.Book) error {
					for _, one := range b.Keys("") {
						list.Keys = append(list.Keys, httpd.DocOfKey(one, "", time.Now()))
					}
					return nil
				})
			}
			if err != nil {
				return err
			}
			return c.printKeys(list.Keys)
		},
	}
}

func (c *cli) keyCreateVerb(k *keyring) *cobra.Command {
	var order httpd.KeyOrder
	var expires, rate, source, name string
	var scopes, events []string
	verb := &cobra.Command{
		Use: "create {--source NAME | --name NAME --scope SCOPE}", Short: "Make a write key of a source, or an API key", Args: cobra.NoArgs,
		Long: `create makes a key and shows its secret this once.

With --source it is a write key, which lets a client send events to that source. With
--event it may send these events only; a call other than track is named by its type:
identify, page, screen, group, alias.

With --name and --scope it is an API key. Scopes: metrics (nothing but the metrics),
read (figures, rules, state; nobody by name), operate (pauses, what could not be sent
or taken, answers of sales), rules (which rules are in force), people (what is known
about leads), admin (keys, audit log and all the others). operate, rules and people
bring read along.`,
		Example: "  nurture key create --source web\n  nurture key create --source booth --event booth_visited --event identify --rate '50 per second' --expires 30d\n" +
			"  nurture key create --name grafana --scope metrics\n  nurture key create --name ci --scope rules --expires 365d",
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if order.Seconds, err = secondsOf(expires, "--expires"); err != nil {
				return err
			}
			if order.Rate, err = rateOf(rate); err != nil {
				return err
			}
			if err = keyOrder(&order, source, name, scopes, events); err != nil {
				return err
			}
			k.deed, k.target = "create-key", order.Kind+" "+order.Name
			var doc httpd.KeyDoc
			if k.data == "" {
				err = k.cl.call(cmd.Context(), http.MethodPost, "/api/v1/keys", order, &doc)
			} else {
				err = k.book(func(b *access.Book) error {
					now := time.Now()
					one := access.Key{Kind: order.Kind, Name: order.Name, Scopes: order.Scopes, Rate: order.Rate, Note: order.Note}
					if order.Seconds > 0 {
						one.Expires = now.Add(time.Duration(order.Seconds) * time.Second).UTC()
					}
					made, secret, err := b.Create(one, now)
					doc = httpd.DocOfKey(made, secret, now)
					return err
				})
			}
			if err != nil {
				return err
			}
			return c.printSecret(&doc)
		},
	}
	flags := verb.Flags()
	flags.StringVar(&source, "source", "", "source of the events that are sent with the key")
	flags.StringArrayVar(&events, "event", nil, "event that the key may send, several times (default: all)")
	flags.StringVar(&name, "name", "", "whose API key it is, as the audit log tells it")
	flags.StringSliceVar(&scopes, "scope", nil, "what the API key lets do: metrics, read, operate, rules, people, admin; several times")
	flags.StringVar(&rate, "rate", "", "how many events may be sent with the key, as '100 per second' (default: as the source says)")
	flags.StringVar(&expires, "expires", "", "after which time the key ends by itself, as 90d (default: never)")
	flags.StringVar(&order.Note, "note", "", "what the key is for")
	verb.MarkFlagsOneRequired("source", "name")
	verb.MarkFlagsMutuallyExclusive("source", "name")
	return verb
}

// keyOrder says what the flags mean.
func keyOrder(order *httpd.KeyOrder, source, name string, scopes, events []string) error {
	order.Kind, order.Name, order.Scopes = access.Write, source, events
	if name != "" {
		order.Kind, order.Name, order.Scopes = access.API, name, scopes
	}
	switch {
	case strings.Contains(order.Name, ":"):
		return fmt.Errorf("%q: a name has no colon", order.Name)
	case name != "" && (len(events) > 0 || order.Rate > 0):
		return errors.New("--event and --rate are for a write key: name its --source")
	case source != "" && len(scopes) > 0:
		return errors.New("--scope is for an API key: name it by --name. Events that a write key may send are given by --event")
	}
	return access.CheckScopes(order.Kind, order.Scopes)
}

func (c *cli) keyRotateVerb(k *keyring) *cobra.Command {
	var grace string
	verb := &cobra.Command{
		Use: "rotate ID", Short: "Make a key that takes the place of another", Args: cobra.ExactArgs(1),
		Long: `rotate makes a key like the one named and shows its secret this once. Both hold
until the grace is over, so that clients change without a gap.`,
		Example: "  nurture key rotate 3f9a1c20 --grace 7d",
		RunE: func(cmd *cobra.Command, args []string) error {
			seconds, err := secondsOf(grace, "--grace")
			if err != nil {
				return err
			}
			k.deed, k.target = "rotate-key", args[0]
			var doc httpd.KeyDoc
			if k.data == "" {
				err = k.cl.call(cmd.Context(), http.MethodPost, "/api/v1/keys/"+url.PathEscape(args[0])+"/rotate", map[string]any{"graceSeconds": seconds}, &doc)
			} else {
				err = k.book(func(b *access.Book) error {
					made, secret, err := b.Rotate(args[0], time.Duration(seconds)*time.Second, time.Now())
					doc = httpd.DocOfKey(made, secret, time.Now())
					return err
				})
			}
			if err != nil {
				return err
			}
			return c.printSecret(&doc)
		},
	}
	verb.Flags().StringVar(&grace, "grace", "7d", "how long the old key still holds; 0s ends it at once")
	return verb
}

func (c *cli) keyRevokeVerb(k *keyring) *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Withdraw a key at once", Args: cobra.ExactArgs(1), Example: "  nurture key revoke 3f9a1c20",
		RunE: func(cmd *cobra.Command, args []string) error {
			k.deed, k.target = "revoke-key", args[0]
			var doc httpd.KeyDoc
			var err error
			if k.data == "" {
				err = k.cl.call(cmd.Context(), http.MethodDelete, "/api/v1/keys/"+url.PathEscape(args[0]), nil, &doc)
			} else {
				err = k.book(func(b *access.Book) error {
					gone, err := b.Revoke(args[0], time.Now())
					doc = httpd.DocOfKey(gone, "", time.Now())
					return err
				})
			}
			if err != nil {
				return err
			}
			return c.printKeys([]httpd.KeyDoc{doc})
		},
	}
}

// secondsOf reads a length of time as a flag has it.
func secondsOf(text, flag string) (int64, error) {
	if text == "" || text == "0" || text == "0s" {
		return 0, nil
	}
	l, err := calendar.ParseLength(text)
	span, plain := l.Fixed()
	if err != nil || !plain || span <= 0 {
		return 0, fmt.Errorf("%s %q is not a length of time; write for example 90d or 12h", flag, text)
	}
	return int64(span / time.Second), nil
}

// rateOf reads "100 per second".
func rateOf(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	var n float64
	var per string
	seconds := map[string]float64{"second": 1, "minute": 60, "hour": 3600, "day": 86400}
	if _, err := fmt.Sscanf(text, "%g per %s", &n, &per); err != nil || n <= 0 || seconds[per] == 0 {
		return 0, fmt.Errorf("--rate %q is not a rate; write for example '100 per second'", text)
	}
	return n / seconds[per], nil
}

// printSecret shows a new key, once.
func (c *cli) printSecret(k *httpd.KeyDoc) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "key": k})
	}
	lang := c.language("")
	fmt.Fprintln(c.out, k.Secret)
	if k.Kind == access.API {
		fmt.Fprintf(c.err, words(lang,
			"API key %s of %s, which may: %s. The secret above is shown this once: keep it where its owner finds it.\n",
			"%[2]s の APIキー %[1]s です。できること: %[3]s。上の秘密の値は今だけ表示します。使う人のところに保存してください。\n"), k.ID, k.Name, strings.Join(k.Scopes, ", "))
		return nil
	}
	fmt.Fprintf(c.err, words(lang,
		"Key %s of source %s. The secret above is shown this once: keep it where the client finds it.\n",
		"入口 %[2]s のキー %[1]s です。上の秘密の値は今だけ表示します。クライアントの設定に保存してください。\n"), k.ID, k.Name)
	return nil
}

func (c *cli) printKeys(keys []httpd.KeyDoc) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "keys": keys})
	}
	lang := c.language("")
	if len(keys) == 0 {
		fmt.Fprintln(c.out, words(lang, "There is no key yet. Make one: nurture key create --source NAME, or --name NAME --scope SCOPE for the API", "キーはまだありません。nurture key create --source 名前 で作れます。API のキーは --name 名前 --scope スコープ で作れます。"))
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, words(lang, "ID\tKIND\tNAME\tMAY\tSTATE\tNOTE", "ID\t種類\t名前\tできること\t状態\tメモ"))
	for i := range keys {
		k := &keys[i]
		events := strings.Join(k.Scopes, ", ")
		if events == "" {
			events = words(lang, "all events", "すべてのイベント")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Kind, k.Name, events, c.keyState(lang, k), k.Note)
	}
	return w.Flush()
}

func (c *cli) keyState(lang string, k *httpd.KeyDoc) string {
	state := words(lang, "holds", "有効")
	switch {
	case k.Revoked != nil:
		state = words(lang, "revoked ", "取り消し ") + c.minute(k.Revoked)
	case k.Expires != nil && !k.Valid:
		state = words(lang, "ended ", "期限切れ ") + c.minute(k.Expires)
	case k.Expires != nil:
		state = words(lang, "until ", "期限 ") + c.minute(k.Expires)
	}
	if k.Next != "" {
		state += words(lang, ", replaced by ", "、後継 ") + k.Next
	}
	return state
}
