package lists

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
)

// columnar writes Parquet, for data warehouses. All columns are optional.
type columnar struct {
	w     *parquet.GenericWriter[any]
	place []int // of each column in the schema, which has them by name
	held  []parquet.Row
}

// rowGroup is how many rows are written at once.
const rowGroup = 1000

func newParquet(w io.Writer, columns []Column) *columnar {
	group := parquet.Group{}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
		group[c.Name] = parquet.Compressed(parquet.Optional(nodeOf(c.Kind)), &parquet.Zstd)
	}
	slices.Sort(names)
	p := &columnar{w: parquet.NewGenericWriter[any](w, parquet.NewSchema("nurture", group))}
	for _, c := range columns {
		p.place = append(p.place, slices.Index(names, c.Name))
	}
	return p
}

func nodeOf(k Kind) parquet.Node {
	switch k {
	case Number:
		return parquet.Leaf(parquet.DoubleType)
	case Flag:
		return parquet.Leaf(parquet.BooleanType)
	case Time:
		return parquet.Timestamp(parquet.Millisecond)
	}
	return parquet.String()
}

// Row implements Writer.
func (p *columnar) Row(values []any) error {
	row := make(parquet.Row, len(values))
	for i, v := range values {
		var cell parquet.Value
		switch v := v.(type) {
		case nil:
			row[p.place[i]] = parquet.NullValue().Level(0, 0, p.place[i])
			continue
		case string:
			cell = parquet.ByteArrayValue([]byte(v))
		case float64:
			cell = parquet.DoubleValue(v)
		case bool:
			cell = parquet.BooleanValue(v)
		case time.Time:
			cell = parquet.Int64Value(v.UnixMilli())
		default:
			return fmt.Errorf("write a table: a value is a %T", v)
		}
		row[p.place[i]] = cell.Level(0, 1, p.place[i])
	}
	p.held = append(p.held, row)
	if len(p.held) < rowGroup {
		return nil
	}
	return p.flush()
}

func (p *columnar) flush() error {
	_, err := p.w.WriteRows(p.held)
	p.held = p.held[:0]
	return err
}

// Close implements Writer.
func (p *columnar) Close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}
