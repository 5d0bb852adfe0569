// Command goclients sends an NDJSON file of Segment events with a real Go client,
// and counts what the client says became of them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"gopkg.in/segmentio/analytics-go.v3"
)

// event is one line of the file.
type event struct {
	MessageID  string         `json:"messageId"`
	UserID     string         `json:"userId"`
	Event      string         `json:"event"`
	Timestamp  time.Time      `json:"timestamp"`
	Properties map[string]any `json:"properties"`
}

// count is what is printed, in the form of the other drivers.
type count struct {
	mu        sync.Mutex
	every     int
	all       sync.WaitGroup // events under way
	Done      bool           `json:"done"`
	Sent      int            `json:"sent"`
	Delivered int            `json:"delivered"`
	Failed    int            `json:"failed"`
}

func (c *count) back(ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.all.Done()
	if ok {
		c.Delivered++
	} else {
		c.Failed++
	}
	if (c.Delivered+c.Failed)%c.every == 0 {
		c.print()
	}
}

func (c *count) print() { _ = json.NewEncoder(os.Stdout).Encode(c) }

// Success and Failure make a count the callback of Segment's client.
func (c *count) Success(analytics.Message)        { c.back(true) }
func (c *count) Failure(analytics.Message, error) { c.back(false) }

func main() {
	client := flag.String("client", "", "analytics or cloudevents")
	url := flag.String("url", "", "the server's address")
	key := flag.String("key", "", "write key")
	file := flag.String("file", "", "NDJSON of events")
	every := flag.Int("every", 1000, "events between two lines of progress")
	flag.Parse()
	c := &count{every: *every}
	var err error
	switch *client {
	case "analytics":
		err = segment(c, *url, *key, *file)
	case "cloudevents":
		err = events(c, *url, *key, *file)
	default:
		err = fmt.Errorf("-client is analytics or cloudevents, not %q", *client)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	c.Done = true
	c.print()
	if c.Failed > 0 {
		os.Exit(1)
	}
}

// each hands the file's events on.
func each(file string, do func(event) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
	}
	return nil
}

// segment sends with gopkg.in/segmentio/analytics-go.v3, which batches and tries
// ten times by itself.
func segment(c *count, url, key, file string) error {
	client, err := analytics.NewWithConfig(key, analytics.Config{
		Endpoint: url, BatchSize: 50, Interval: 100 * time.Millisecond, Callback: c,
		RetryAfter: func(int) time.Duration { return 300 * time.Millisecond },
		Logger:     analytics.StdLogger(log.New(io.Discard, "", 0)),
	})
	if err != nil {
		return err
	}
	err = each(file, func(e event) error {
		c.Sent++
		c.all.Add(1)
		return client.Enqueue(analytics.Track{
			MessageId: e.MessageID, UserId: e.UserID, Event: e.Event, Timestamp: e.Timestamp, Properties: e.Properties,
		})
	})
	if err != nil {
		return err
	}
	c.all.Wait() // closing gives up what has to be tried again
	return client.Close()
}

// events sends with the Go SDK of CloudEvents: binary and structured in turns, and
// with its own retries.
func events(c *count, url, key, file string) error {
	client, err := cloudevents.NewClientHTTP(
		cehttp.WithTarget(url), cehttp.WithHeader("Authorization", "Bearer "+key),
		cehttp.WithIsRetriableFunc(func(status int) bool { return status == http.StatusTooManyRequests || status >= 500 }),
	)
	if err != nil {
		return err
	}
	forms := []func(context.Context) context.Context{binding.WithForceBinary, binding.WithForceStructured}
	room := make(chan struct{}, 50)
	err = each(file, func(e event) error {
		one := cloudevents.NewEvent()
		one.SetID(e.MessageID)
		one.SetSource("/test")
		one.SetType(e.Event)
		one.SetSubject(e.UserID)
		one.SetTime(e.Timestamp)
		if err := one.SetData(cloudevents.ApplicationJSON, e.Properties); err != nil {
			return err
		}
		ctx := cloudevents.ContextWithRetriesConstantBackoff(forms[c.Sent%2](context.Background()), 200*time.Millisecond, 600)
		c.Sent++
		c.all.Add(1)
		room <- struct{}{}
		go func() {
			defer func() { <-room }()
			c.back(cloudevents.IsACK(client.Send(ctx, one)))
		}()
		return nil
	})
	c.all.Wait()
	return err
}
