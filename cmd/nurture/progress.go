package main

import (
	"fmt"
	"os"
	"sync"
)

// progress tells on a terminal how far a long reading has come. Elsewhere, and with
// --json, it says nothing.
func (c *cli) progress() func(done, of int) {
	out, ok := c.err.(*os.File)
	if !ok || c.json {
		return nil
	}
	if info, err := out.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	var mu sync.Mutex
	told := -1
	return func(done, of int) {
		mu.Lock()
		defer mu.Unlock()
		now := 100 * done / max(of, 1)
		if now <= told {
			return
		}
		told = now
		fmt.Fprintf(out, "\r%3d %%", now)
		if done >= of {
			fmt.Fprint(out, "\r     \r")
		}
	}
}
