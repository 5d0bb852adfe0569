package engine

import "strings"

// The classes of what brings people to a site. There are no others, so that a class
// may be a counter's label.
const (
	ByPaid     = "paid"     // an advertisement
	ByMail     = "mail"     // a mail, ours or somebody else's
	BySocial   = "social"   // a social network, a chat
	BySearch   = "search"   // a search engine
	ByCampaign = "campaign" // a campaign of another kind: an exhibition, a partner
	ByReferral = "referral" // a link on another site
	ByDirect   = "direct"   // nobody says: typed in, a bookmark
)

// OriginClasses are all classes.
var OriginClasses = []string{ByPaid, ByMail, BySocial, BySearch, ByCampaign, ByReferral, ByDirect}

// mediumClass is the class that a campaign's medium names.
var mediumClass = map[string]string{
	"cpc": ByPaid, "ppc": ByPaid, "cpm": ByPaid, "cpv": ByPaid, "cpa": ByPaid, "paid": ByPaid, "paidsearch": ByPaid,
	"paid_search": ByPaid, "paid-search": ByPaid, "paidsocial": ByPaid, "paid_social": ByPaid, "paid-social": ByPaid,
	"display": ByPaid, "banner": ByPaid, "ads": ByPaid, "ad": ByPaid, "retargeting": ByPaid, "広告": ByPaid,
	"email": ByMail, "e-mail": ByMail, "e_mail": ByMail, "mail": ByMail, "newsletter": ByMail, "メール": ByMail, "メルマガ": ByMail,
	"social": BySocial, "sns": BySocial, "social-network": BySocial, "social_network": BySocial, "social-media": BySocial,
	"social_media": BySocial, "sm": BySocial,
	"organic": BySearch, "seo": BySearch, "search": BySearch,
	"referral": ByReferral, "link": ByReferral,
}

// siteClass is the class of well-known sites, by a name that stands in their host
// right before the ending ("google" of www.google.co.jp) or by the whole host.
var siteClass = map[string]string{
	"google": BySearch, "bing": BySearch, "yahoo": BySearch, "duckduckgo": BySearch, "baidu": BySearch, "yandex": BySearch,
	"ecosia": BySearch, "naver": BySearch, "qwant": BySearch, "startpage": BySearch, "seznam": BySearch, "sogou": BySearch,
	"search.brave.com": BySearch, "biglobe": BySearch, "goo.ne.jp": BySearch, "excite": BySearch,
	"facebook": BySocial, "instagram": BySocial, "twitter": BySocial, "x.com": BySocial, "t.co": BySocial, "linkedin": BySocial,
	"lnkd.in": BySocial, "youtube": BySocial, "youtu.be": BySocial, "tiktok": BySocial, "reddit": BySocial, "pinterest": BySocial,
	"threads": BySocial, "bsky.app": BySocial, "mastodon": BySocial, "line.me": BySocial, "line": BySocial, "note.com": BySocial,
	"hatena": BySocial, "quora": BySocial, "slack": BySocial, "discord": BySocial, "wantedly": BySocial, "eight": BySocial,
	"mail.google.com": ByMail, "mail.yahoo.co.jp": ByMail, "mail.yahoo.com": ByMail, "outlook.live.com": ByMail,
	"outlook.office.com": ByMail, "outlook.office365.com": ByMail, "com.google.android.gm": ByMail,
	"l.facebook.com": BySocial, "lm.facebook.com": BySocial, "lin.ee": BySocial,
}

// secondLevel are the names under which a country's sites stand ("co" of co.jp):
// the site's own name is the one before.
var secondLevel = map[string]bool{"co": true, "com": true, "ne": true, "or": true, "ac": true, "go": true, "gr": true, "net": true, "org": true}

// classOfHost is the class of the site that a visitor came from.
func classOfHost(host string) string {
	host = strings.TrimPrefix(host, "www.")
	if host == "" {
		return ByDirect
	}
	if class := siteClass[host]; class != "" {
		return class
	}
	parts := strings.Split(host, ".")
	at := len(parts) - 2
	if at > 0 && len(parts[len(parts)-1]) == 2 && secondLevel[parts[at]] {
		at--
	}
	if at >= 0 {
		if class := siteClass[parts[at]]; class != "" && !strings.Contains(parts[at], ".") {
			return class
		}
	}
	return ByReferral
}

// classOf is the class of a visit: what its campaign's medium says, else what its
// source is, else the site it came from.
func classOf(named bool, source, medium, host string) string {
	if class := mediumClass[strings.ToLower(medium)]; class != "" {
		return class
	}
	if !named {
		return classOfHost(host)
	}
	name := strings.ToLower(source)
	if class := siteClass[name]; class != "" {
		return class
	}
	if class := mediumClass[name]; class != "" {
		return class
	}
	if strings.Contains(name, ".") {
		if class := classOfHost(name); class != ByReferral {
			return class
		}
	}
	return ByCampaign
}

// sameSite reports whether a referrer is a page of the visited site itself, under
// whatever host of it.
func sameSite(host, referrer string) bool {
	host, referrer = strings.TrimPrefix(host, "www."), strings.TrimPrefix(referrer, "www.")
	return host != "" && (host == referrer || strings.HasSuffix(referrer, "."+host) || strings.HasSuffix(host, "."+referrer))
}
