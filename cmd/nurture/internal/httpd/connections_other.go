//go:build !unix

package httpd

// roomForConnections is how many connections there may be.
func roomForConnections() int { return maxConnections }
