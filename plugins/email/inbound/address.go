package inbound

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
)

var addressPattern = regexp.MustCompile(`[^\s<>()\[\],;:"'|\\]+@[A-Za-z0-9\p{L}](?:[A-Za-z0-9.\p{L}_-]*[A-Za-z0-9\p{L}])?`)

// addressesIn are the addresses that stand in a text, in lower case.
func addressesIn(text string) []string {
	if !strings.Contains(text, "@") {
		return nil
	}
	found := addressPattern.FindAllString(text, 40)
	for i, a := range found {
		found[i] = strings.ToLower(strings.TrimLeft(a, "=.'`"))
	}
	return found
}

// addressOf is the address of a header field, "" for none.
func addressOf(value string) string {
	if at := strings.LastIndex(value, "<"); at >= 0 {
		if found := addressesIn(value[at:]); len(found) > 0 {
			return found[0]
		}
	}
	if found := addressesIn(value); len(found) > 0 {
		return found[0]
	}
	return ""
}

// idsIn are the message ids of a header field, without their brackets.
func idsIn(value string) []string {
	var ids []string
	for len(ids) < 30 {
		_, rest, ok := strings.Cut(value, "<")
		id, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			break
		}
		if id = strings.Join(strings.Fields(id), ""); id != "" {
			ids = append(ids, id)
		}
		value = after
	}
	return ids
}

func idOf(value string) string {
	if ids := idsIn(value); len(ids) > 0 {
		return ids[0]
	}
	return strings.TrimSpace(value)
}

func dateOf(value string) time.Time {
	at, err := mail.ParseDate(value)
	if err != nil {
		return time.Time{}
	}
	return at
}

var (
	htmlHidden = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>`)
	htmlBreak  = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>`)
	htmlTag    = regexp.MustCompile(`(?s)<[^@<>]*>`)
	htmlEntity = strings.NewReplacer("&nbsp;", " ", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&quot;", `"`, "&#39;", "'", "&#64;", "@")
)

// plainOf is what HTML says, line for line.
func plainOf(page string) string {
	page = htmlHidden.ReplaceAllString(page, " ")
	page = htmlBreak.ReplaceAllString(page, "\n")
	return htmlEntity.Replace(htmlTag.ReplaceAllString(page, " "))
}
