package host

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// catalogJSON is what the built-in plugins tell of themselves, so that checking
// a workspace starts no process. A test of the command keeps it true.
//
//go:embed catalog.json
var catalogJSON []byte

// Catalog is the descriptions of the plugins that belong to this program, those
// it only knows of (Missing) among them.
func Catalog() []channel.Description {
	ds, err := DecodeCatalog(catalogJSON)
	if err != nil {
		panic(fmt.Sprintf("embedded plugin catalog: %v", err))
	}
	return ds
}

// CatalogJSON is Catalog as it stands in its file, for whoever reads descriptions
// without this package.
func CatalogJSON() []byte { return bytes.Clone(catalogJSON) }

// DecodeCatalog reads a list of descriptions.
func DecodeCatalog(b []byte) ([]channel.Description, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("read plugin catalog: %w", err)
	}
	ds := make([]channel.Description, len(raw))
	for i := range raw {
		d, err := channel.DecodeDescription(raw[i])
		if err != nil {
			return nil, err
		}
		ds[i] = d
	}
	return ds, nil
}

// EncodeCatalog writes a list of descriptions as DecodeCatalog reads it.
func EncodeCatalog(ds []channel.Description) ([]byte, error) {
	for i := range ds {
		ds[i] = ds[i].Complete()
	}
	b, err := json.MarshalIndent(ds, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write plugin catalog: %w", err)
	}
	return append(b, '\n'), nil
}

func texts(v any) []string {
	var all []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			all = append(all, texts(item)...)
		}
	}
	return all
}

// plain brings config values to the form that JSON gives them: an int becomes a
// float64, a []string a []any.
func plain(values map[string]any) map[string]any {
	b, err := json.Marshal(values)
	if err != nil {
		return nil
	}
	var out map[string]any
	if json.Unmarshal(b, &out) != nil {
		return nil
	}
	return out
}

// fingerprint tells configurations apart without keeping their secrets twice. sum
// is the checksum of an external plugin: another program is another process.
func fingerprint(c Config, sum string) [32]byte {
	b, _ := json.Marshal([]any{c.Plugin, c.Values, sum}) // map keys come sorted
	return sha256.Sum256(b)
}
