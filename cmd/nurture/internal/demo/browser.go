package demo

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// browserAgent is what the people of the town look at pages with.
const browserAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"

// follow asks for a link that leads through the server, as a browser does, and gives
// where it is sent on to. Any other link is its own target, and nobody hears of it:
// nothing leaves this machine. through says which it was.
func (c *collector) follow(link string) (target string, through bool) {
	if !c.leadsToServer(link) {
		return link, false
	}
	answer, err := c.browse(http.MethodGet, link, "")
	if err != nil {
		c.log.Warn("a link of a mail could not be followed", "error", err)
		return link, false
	}
	if answer.StatusCode != http.StatusFound {
		c.log.Warn("a link of a mail leads nowhere", "status", answer.Status)
		return link, false
	}
	return answer.Header.Get("Location"), true
}

// leave presses the button of the page to which the mail's way out leads. It reports
// whether the server has taken it.
func (c *collector) leave(link string) bool {
	if !c.leadsToServer(link) {
		return false
	}
	answer, err := c.browse(http.MethodPost, link, url.Values{"choice": {"all"}}.Encode())
	if err != nil {
		c.log.Warn("a mail's way out could not be taken", "error", err)
		return false
	}
	return answer.StatusCode == http.StatusOK
}

func (c *collector) leadsToServer(link string) bool {
	return strings.HasPrefix(link, strings.TrimSuffix(c.url, "/")+"/t/")
}

// browse makes one request and follows no redirect.
func (c *collector) browse(method, address, form string) (*http.Response, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", browserAgent)
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := *c.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
	return answer, nil
}
