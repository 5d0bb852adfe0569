package wire

import (
	"bytes"
	_ "embed"
)

//go:embed channel/v1/channel.proto
var protoText []byte

// Proto is the protocol as authors of plugins in other languages read it.
func Proto() []byte { return bytes.Clone(protoText) }
