package engine

// Whatever a canary marks is marked in the highest bit of a byte that was there
// already, with the mark behind it: what no canary has touched costs nothing.

const markBit = 0x80

func putMarkedByte(b []byte, value byte, mark uint32) []byte {
	if mark == 0 {
		return append(b, value)
	}
	return putUint(append(b, value|markBit), uint64(mark))
}

func (r *reader) markedByte() (value byte, mark uint32) {
	value = r.byte()
	if value&markBit == 0 {
		return value, 0
	}
	return value &^ markBit, uint32(r.uint())
}

func flagByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}
