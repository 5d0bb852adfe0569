package dsl

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/seed-456efde2/nurture/engine"
)

// Channel is a configured plugin: what the plugin host needs to start it. The
// engine knows its name and little else.
type Channel struct {
	Name   string
	Plugin string
	Rate   Rate
	Retry  engine.RetrySpec
	// AtOnce is how many actions may be under way at the same time, 0 for as many as
	// the plugin bears.
	AtOnce int
	// Domains bounds what goes to the addresses of single domains; "*" is each that
	// is not named.
	Domains map[string]DomainLimit
	Config  Config
}

// DomainLimit bounds what goes to the addresses of one domain. The zero
// DomainLimit has no bound.
type DomainLimit struct {
	Rate   Rate
	AtOnce int
}

// Rate is how fast a channel may be asked: N in Per. The zero Rate has no bound.
type Rate struct {
	N   int
	Per engine.Span
}

// Config is what stands in config { }. It may hold secrets: however it is
// printed, logged or encoded, they come out as "(secret)". Reveal gives them to
// the one who may see them, the channel's own plugin.
type Config struct {
	values map[string]any // string, float64, bool, []any, map[string]any, or Secret
}

// Secret is a value that nobody may read but the channel it belongs to.
type Secret struct {
	name  string // of the secret, as in secret("NAME"); "" where it was written in the file
	value any    // as JSON holds it
}

const hiddenSecret = "(secret)"

// String hides the secret.
func (Secret) String() string { return hiddenSecret }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hiddenSecret }

// Format hides the secret from every verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenSecret) }

// LogValue hides the secret from logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(hiddenSecret) }

// MarshalJSON hides the secret.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(hiddenSecret) }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// MarshalJSON writes the config without its secrets.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.values) }

// String writes the config without its secrets.
func (c Config) String() string {
	b, err := json.Marshal(c.values)
	if err != nil {
		return hiddenSecret
	}
	return string(b)
}

// GoString writes the config without its secrets.
func (c Config) GoString() string { return c.String() }

// LogValue writes the config without its secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Reveal is the config with its secrets, as JSON would hold it: string, float64,
// bool, []any, map[string]any. It is for the channel's plugin and for nobody
// else: never print, log or store it.
func (c Config) Reveal() map[string]any {
	out, _ := reveal(c.values).(map[string]any)
	return out
}

func reveal(v any) any {
	switch v := v.(type) {
	case Secret:
		return v.value
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = reveal(x)
		}
		return out
	}
	return v
}

// nameSecrets is the config with the names of its secrets instead of their
// values, for the digest: a rotated password is no new revision. One that is
// written in the file is a change of the file.
func nameSecrets(v any) any {
	switch v := v.(type) {
	case Secret:
		if v.name == "" {
			b, _ := json.Marshal(v.value) // as JSON holds it
			sum := sha256.Sum256(b)
			return map[string]any{"written": hex.EncodeToString(sum[:])}
		}
		return map[string]any{"secret": v.name}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = nameSecrets(x)
		}
		return out
	}
	return v
}
