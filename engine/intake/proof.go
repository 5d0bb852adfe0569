package intake

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"hash"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Scheme says how a call proves who sent it.
type Scheme uint8

// The schemes.
const (
	ByWriteKey Scheme = iota // a write key of ours
	StandardWebhooks
	HMAC
	InHeader // the secret itself, in a header
	Bearer
	Basic
	ECDSA // as SendGrid signs
	SNS   // as Amazon signs
)

// Schemes are the schemes by the name that a workspace gives them.
var Schemes = map[string]Scheme{
	"standard_webhooks": StandardWebhooks, "hmac": HMAC, "header": InHeader, "bearer": Bearer, "basic": Basic,
}

// Proof is how a source's calls are proved. Several secrets hold at once, so that
// one can take the place of another without a gap.
type Proof struct {
	Scheme    Scheme
	Secrets   []Secret
	User      string // of Basic
	Header    string // of HMAC and InHeader, in lower case
	Algorithm string // of HMAC: sha1, sha256, sha512
	Encoding  string // of HMAC: hex, base64
	Prefix    string // of HMAC: what stands before the signature
	Timestamp string // of HMAC: the header with the instant of signing, in lower case
	// Signed is what is signed, of HMAC with a Timestamp: the body and the timestamp
	// stand where {body} and {timestamp} are written.
	Signed    string
	Tolerance engine.Span // how far the instant of signing may lie from ours
	PublicKey string      // of ECDSA
}

// The headers of signed webhooks.
const (
	headerWebhookID        = "webhook-id"
	headerWebhookTimestamp = "webhook-timestamp"
	headerWebhookSignature = "webhook-signature"
	headerSendGridSign     = "x-twilio-email-event-webhook-signature"
	headerSendGridTime     = "x-twilio-email-event-webhook-timestamp"
)

// DefaultTolerance is how far a signature's instant may lie from ours.
const DefaultTolerance = 5 * engine.Minute

// Proved reports whether the call was sent by whom the source trusts. It is not
// asked about ByWriteKey and SNS. The problem says no more than a stranger may know.
func (p *Proof) Proved(d *Delivery) *engine.Problem {
	ok := false
	switch p.Scheme {
	case StandardWebhooks:
		return p.standard(d)
	case HMAC:
		return p.hmac(d)
	case ECDSA:
		return p.ecdsa(d)
	case InHeader:
		ok = p.knows(d.header(p.Header))
	case Bearer:
		scheme, token, _ := strings.Cut(d.header("authorization"), " ")
		ok = strings.EqualFold(scheme, "bearer") && p.knows(strings.TrimSpace(token))
	case Basic:
		ok = p.basic(d.header("authorization"))
	}
	if !ok {
		return problem("unauthorized", "the call does not show the secret of this source")
	}
	return nil
}

// knows compares with every secret, in a time that tells nothing.
func (p *Proof) knows(shown string) bool {
	found := 0
	for _, s := range p.Secrets {
		a, b := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(shown))
		found |= subtle.ConstantTimeCompare(a[:], b[:])
	}
	return found == 1 && shown != ""
}

func (p *Proof) basic(header string) bool {
	scheme, token, _ := strings.Cut(header, " ")
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(token))
	user, password, ok := strings.Cut(string(b), ":")
	named := subtle.ConstantTimeCompare([]byte(user), []byte(p.User)) == 1
	return p.knows(password) && named && ok && err == nil && strings.EqualFold(scheme, "basic")
}

var errSignature = problem("bad_signature", "the signature is missing or not that of this body")

// fresh reports whether an instant in seconds or milliseconds lies near ours.
func (p *Proof) fresh(text string, d *Delivery) *engine.Problem {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > 1e14 {
		return problem("bad_timestamp", "the instant of signing is missing or no number")
	}
	if n < 1e11 {
		n *= 1000
	}
	tolerance := p.Tolerance
	if tolerance <= 0 {
		tolerance = DefaultTolerance
	}
	if away := d.Received.Sub(engine.Time(n)); away > tolerance || away < -tolerance {
		return problem("bad_timestamp", "the call was signed more than %s ago, or in the future", tolerance)
	}
	return nil
}

// standard verifies the form of standardwebhooks.com: several signatures, several
// secrets.
func (p *Proof) standard(d *Delivery) *engine.Problem {
	id, at := d.header(headerWebhookID), d.header(headerWebhookTimestamp)
	if id == "" || len(id) > engine.MaxIDLength {
		return errSignature
	}
	if late := p.fresh(at, d); late != nil {
		return late
	}
	found := 0
	for _, secret := range p.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(secret), "whsec_"))
		if err != nil {
			key = []byte(secret)
		}
		want := signed(sha256.New, key, id, ".", at, ".", string(d.Body))
		for _, one := range strings.Fields(d.header(headerWebhookSignature)) {
			version, text, _ := strings.Cut(one, ",")
			got, err := base64.StdEncoding.DecodeString(text)
			if version == "v1" && err == nil {
				found |= subtle.ConstantTimeCompare(want, got)
			}
		}
	}
	if found != 1 {
		return errSignature
	}
	return nil
}

func signed(h func() hash.Hash, key []byte, parts ...string) []byte {
	m := hmac.New(h, key)
	for _, part := range parts {
		m.Write([]byte(part))
	}
	return m.Sum(nil)
}

var hashes = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

// hmac verifies a signature in a header of the source's choice; of several, parted
// by commas or spaces, one must hold.
func (p *Proof) hmac(d *Delivery) *engine.Problem {
	what := string(d.Body)
	if p.Timestamp != "" {
		at := d.header(p.Timestamp)
		if late := p.fresh(at, d); late != nil {
			return late
		}
		form := p.Signed
		if form == "" {
			form = "{timestamp}.{body}"
		}
		what = strings.NewReplacer("{timestamp}", at, "{body}", what).Replace(form)
	}
	decode := hex.DecodeString
	if p.Encoding == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	make := hashes[p.Algorithm]
	if make == nil {
		make = sha256.New
	}
	found := 0
	shown := strings.FieldsFunc(d.header(p.Header), func(r rune) bool { return r == ',' || r == ' ' })
	for _, secret := range p.Secrets {
		want := signed(make, []byte(secret), what)
		for _, one := range shown {
			text, marked := strings.CutPrefix(one, p.Prefix)
			got, err := decode(text)
			if marked && err == nil {
				found |= subtle.ConstantTimeCompare(want, got)
			}
		}
	}
	if found != 1 {
		return errSignature
	}
	return nil
}

// ecdsa verifies as SendGrid signs: the instant and the body, under a key whose
// public half the workspace has.
func (p *Proof) ecdsa(d *Delivery) *engine.Problem {
	at := d.header(headerSendGridTime)
	if late := p.fresh(at, d); late != nil {
		return late
	}
	key, err := ParsePublicKey(p.PublicKey)
	if err != nil {
		return errSignature
	}
	sign, bad := base64.StdEncoding.DecodeString(d.header(headerSendGridSign))
	sum := sha256.Sum256(append([]byte(at), d.Body...))
	if bad != nil || !ecdsa.VerifyASN1(key, sum[:], sign) {
		return errSignature
	}
	return nil
}

// ParsePublicKey reads an ECDSA public key: base64 of its DER form, or PEM.
func ParsePublicKey(text string) (*ecdsa.PublicKey, *engine.Problem) {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if block, _ := pem.Decode([]byte(text)); block != nil {
		der, err = block.Bytes, nil
	}
	if err == nil {
		var any any
		if any, err = x509.ParsePKIXPublicKey(der); err == nil {
			if key, ok := any.(*ecdsa.PublicKey); ok {
				return key, nil
			}
		}
	}
	return nil, problem("bad_key", "the text is no public key of ECDSA")
}

// notice is what SNS posts: a message of a topic, or the question whether we want
// its messages.
type notice struct {
	kind, id, topic, subject, message, at, version, sign, cert, confirm, token string
	hasSubject                                                                 bool
}

func noticeOf(tree any) (n notice) {
	m, _ := tree.(map[string]any)
	text := func(name string) string { s, _ := m[name].(string); return s }
	n = notice{
		kind: text("Type"), id: text("MessageId"), topic: text("TopicArn"), subject: text("Subject"), message: text("Message"),
		at: text("Timestamp"), version: text("SignatureVersion"), sign: text("Signature"), cert: text("SigningCertURL"),
		confirm: text("SubscribeURL"), token: text("Token"),
	}
	_, n.hasSubject = m["Subject"].(string)
	return n
}

// CertOf is where the certificate lies that a notice of SNS is signed with: at
// Amazon, or the notice is a forgery. A notice of another topic is refused before
// anybody goes and reads anything for it.
func CertOf(body []byte, topic string) (address string, p *engine.Problem) {
	tree, p := parseTree(body)
	if p != nil {
		return "", p
	}
	n := noticeOf(tree)
	if n.topic != topic {
		return "", problem("wrong_topic", "the notice is of another topic than this source's")
	}
	if address = n.cert; !atSNS(address) || !strings.HasSuffix(address, ".pem") {
		return "", problem("bad_signature", "the notice names no certificate of Amazon SNS")
	}
	return address, nil
}

// atSNS reports an address of SNS: https, its own host, nothing that hides another.
func atSNS(address string) bool {
	rest, ok := strings.CutPrefix(address, "https://sns.")
	if !ok {
		return false
	}
	host, _, ok := strings.Cut(rest, "/")
	region, ok2 := strings.CutSuffix(host, ".amazonaws.com")
	if !ok2 {
		region, ok2 = strings.CutSuffix(host, ".amazonaws.com.cn")
	}
	return ok && ok2 && isRegion(region)
}

// isRegion reports the name of a region, as "ap-northeast-1": two letters, words, a
// number. Nothing looser will do: sns.s3.amazonaws.com and sns.s3-us-west-2.amazonaws.com
// are buckets of whoever has the name "sns", with whatever certificate they like.
func isRegion(name string) bool {
	words := strings.Split(name, "-")
	if len(words) < 3 || len(words[0]) != 2 {
		return false
	}
	last := len(words) - 1
	for _, word := range words[:last] {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return len(words[last]) == 1 && words[last] >= "1" && words[last] <= "9"
}

// SignedBySNS reports whether a notice is signed with a certificate, which came
// from where CertOf says, and is of the topic.
func SignedBySNS(body, certificate []byte, topic string) *engine.Problem {
	tree, p := parseTree(body)
	if p != nil {
		return p
	}
	n := noticeOf(tree)
	if n.topic != topic {
		return problem("wrong_topic", "the notice is of another topic than this source's")
	}
	block, _ := pem.Decode(certificate)
	if block == nil {
		return errSignature
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return errSignature
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	sign, bad := base64.StdEncoding.DecodeString(n.sign)
	if !ok || bad != nil {
		return errSignature
	}
	text := n.canonical()
	switch n.version {
	case "1":
		sum := sha1.Sum([]byte(text))
		err = rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], sign)
	case "2":
		sum := sha256.Sum256([]byte(text))
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sign)
	default:
		return errSignature
	}
	if err != nil {
		return errSignature
	}
	return nil
}

// canonical is what SNS signs: names and values line by line, in order of name.
func (n *notice) canonical() string {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	line("Message", n.message)
	line("MessageId", n.id)
	if n.kind == "Notification" {
		if n.hasSubject {
			line("Subject", n.subject)
		}
	} else {
		line("SubscribeURL", n.confirm)
	}
	line("Timestamp", n.at)
	if n.kind != "Notification" {
		line("Token", n.token)
	}
	line("TopicArn", n.topic)
	line("Type", n.kind)
	return b.String()
}
