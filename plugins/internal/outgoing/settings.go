package outgoing

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// ReadURL understands the address of a service. An open line is a warning.
func ReadURL(path, text string) (*url.URL, channel.Diagnostics) {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
		if u.Scheme == "https" || isLoopback(u.Hostname()) {
			return u, nil
		}
		return u, channel.Diagnostics{{
			Severity: channel.SeverityWarning, Path: path,
			Summary: channel.Text{En: "Open line", Ja: "暗号化されていません"},
			Detail:  channel.Text{En: "what is sent can be read on the way; use https", Ja: "内容が途中で読まれます。https を使ってください"},
		}}
	}
	return nil, channel.Diagnostics{channel.Wrong(path,
		channel.Text{En: "Not an address to post to", Ja: "送り先の URL ではありません"},
		channel.Text{
			En: `write "https://example.com/hook", without user and password (those belong into headers)`,
			Ja: "「https://example.com/hook」の形で書きます。ユーザー名とパスワードは headers に書きます",
		})}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ReadNetworks understands "10.1.0.0/16".
func ReadNetworks(path string, list []string) ([]netip.Prefix, channel.Diagnostics) {
	var networks []netip.Prefix
	var ds channel.Diagnostics
	for i, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			ds = append(ds, channel.Wrong(fmt.Sprintf("%s[%d]", path, i),
				channel.Text{En: "Not a network", Ja: "ネットワークではありません"},
				channel.Text{En: `write "10.1.0.0/16"`, Ja: "「10.1.0.0/16」の形で書きます"}))
			continue
		}
		networks = append(networks, p.Masked())
	}
	return networks, ds
}

// ReadPorts understands "8443".
func ReadPorts(path string, list []string) ([]uint16, channel.Diagnostics) {
	var ports []uint16
	var ds channel.Diagnostics
	for i, text := range list {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			ds = append(ds, channel.Wrong(fmt.Sprintf("%s[%d]", path, i),
				channel.Text{En: "Not a port", Ja: "ポート番号ではありません"},
				channel.Text{En: `write a number from 1 to 65535 in quotes, "8443"`, Ja: "1〜65535 の数を引用符で囲んで「8443」の形で書きます"}))
			continue
		}
		ports = append(ports, uint16(n))
	}
	return ports, ds
}
