package webhook

import (
	"net/http"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// concurrency is how many requests run at the same time.
const concurrency = 16

// partPayload is the part that holds the document.
const partPayload = "payload"

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "webhook", Version: "1.1.0",
		Summary: channel.Text{
			En: "Posts signed JSON to another system (Standard Webhooks), or speaks to any JSON API",
			Ja: "署名つき JSON を他のシステムに送ります（Standard Webhooks）。任意の JSON API にも対応します",
		},
		Reach: channel.ReachesSystem, Keyed: true,
		Concurrency: concurrency, BatchMax: 4 * concurrency,
		Timeout: channel.Seconds(30 * time.Second),
		Config:  append(append(wire(), way()...), api()...),
		Steps: []channel.Step{{
			Kind:    "webhook",
			Summary: channel.Text{En: "tells another system about the lead", Ja: "リードのことを他のシステムに伝えます"},
			Attributes: []channel.Attribute{
				{Name: "payload", Type: channel.TypeObject, Required: true, Summary: channel.Text{En: "the JSON document", Ja: "送る JSON"}},
			},
			Parts: []string{partPayload},
		}},
	}
}

// wire are the settings of the request itself.
func wire() []channel.Attribute {
	return []channel.Attribute{
		{Name: "url", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: "address to post to; {{ key }} and {{ lead }} may stand in its path", Ja: "送り先の URL。パスに {{ key }} と {{ lead }} を書けます",
		}},
		{Name: "secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: `signing secret, "whsec_…"; without it requests are not signed`, Ja: "署名の秘密鍵「whsec_…」。なければ署名しません",
		}},
		{Name: "previous_secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: "the secret before, while receivers change over: both sign", Ja: "切り替え中の前の秘密鍵（両方で署名）",
		}},
		{Name: "headers", Type: channel.TypeMap, Sensitive: true, Summary: channel.Text{
			En: "headers of every request, Authorization for instance", Ja: "毎回つけるヘッダー（Authorization など）",
		}},
		{Name: "timeout", Type: channel.TypeDuration, Default: "10s", Summary: channel.Text{
			En: "patience with one request", Ja: "1 回の要求を待つ時間",
		}},
	}
}

// way are the settings that say where a request may go.
func way() []channel.Attribute {
	return []channel.Attribute{
		{Name: "allow_private", Type: channel.TypeFlag, Summary: channel.Text{
			En: "allow addresses of this machine and of private networks", Ja: "このマシンや社内ネットワーク宛てを許す",
		}},
		{Name: "allow_cidrs", Type: channel.TypeList, Summary: channel.Text{
			En: `private networks that are allowed, "10.1.0.0/16"`, Ja: "許す社内ネットワーク「10.1.0.0/16」",
		}},
		{Name: "allow_ports", Type: channel.TypeList, Summary: channel.Text{
			En: `ports that are allowed beside 80, 443 and that of url, "8443"`, Ja: "80、443、url のポートのほかに許すポート「8443」",
		}},
		{Name: "redirects", Type: channel.TypeNumber, Default: 0.0, Summary: channel.Text{
			En: "how many redirects to follow (at most 5), within the same host and by the same method only",
			Ja: "たどるリダイレクトの回数（最大 5）。同じホスト・同じメソッドのときだけたどります",
		}},
		{Name: "dry_run", Type: channel.TypeFlag, Summary: channel.Text{
			En: "prepare every request, send none", Ja: "要求を組み立てるだけで送らない",
		}},
	}
}

// api are the settings that make any JSON API of it.
func api() []channel.Attribute {
	return []channel.Attribute{
		{
			Name: "method", Type: channel.TypeText, Default: http.MethodPost,
			Choices: []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
			Summary: channel.Text{En: "method of the request", Ja: "HTTP メソッド"},
		},
		{Name: "idempotency_header", Type: channel.TypeText, Default: "Idempotency-Key", Summary: channel.Text{
			En: "name of the header by which the API knows a request again", Ja: "同じ要求だと API がわかるためのヘッダーの名前",
		}},
		{Name: "body", Type: channel.TypeObject, Summary: channel.Text{
			En: "the document that the API wants, with {{ payload.NAME }} in its texts; the payload itself by default",
			Ja: "API が求める JSON。文字列に {{ payload.名前 }} を書けます。省略時は payload そのもの",
		}},
		{
			Name: "answer", Type: channel.TypeBlock, Summary: channel.Text{
				En: "how the API says that it was done; by default any status 2xx", Ja: "成功の見分け方。省略時は 2xx なら成功",
			},
			Attributes: []channel.Attribute{
				{Name: "done", Type: channel.TypeList, Summary: channel.Text{
					En: `statuses that mean done, "2xx", "409"`, Ja: "成功とみなすステータス「2xx」「409」",
				}},
				{Name: "path", Type: channel.TypeText, Summary: channel.Text{
					En: `where the JSON answer says whether it was done, "result.ok"`, Ja: "成否が書かれている場所「result.ok」",
				}},
				{Name: "equals", Type: channel.TypeText, Default: "true", Summary: channel.Text{
					En: "what stands there when it was done", Ja: "成功のときにそこにある値",
				}},
				{Name: "reason", Type: channel.TypeText, Summary: channel.Text{
					En: `where it says why not, in a word, "error.code"`, Ja: "失敗の理由が一語で書かれている場所「error.code」",
				}},
				{Name: "retry", Type: channel.TypeList, Summary: channel.Text{
					En: "reasons that pass by themselves: asked again later", Ja: "時間がたてば直る理由（あとでもう一度送る）",
				}},
				{Name: "id", Type: channel.TypeText, Summary: channel.Text{
					En: `where it says its own id of what it did, "data.id"`, Ja: "API 側の ID が書かれている場所「data.id」",
				}},
			},
		},
	}
}
