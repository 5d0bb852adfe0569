package inbound

import "regexp"

// rule is a class and the words that tell it.
type rule struct {
	class Class
	words *regexp.Regexp
}

func is(class Class, words string) rule { return rule{class, regexp.MustCompile(words)} }

// rules are asked one after the other, and the first that speaks decides. The words
// are those that mail servers use; what is about the sender or about the server
// stands before what is about the recipient, because "access denied, user unknown"
// of a block list is no unknown user.
var rules = []rule{
	is(System, `pipe to \||procmail|maildrop|command (died|failed)|local delivery agent|vacation program`),
	is(UnknownUser, `\b5\.1\.1 [^;]{0,40}(user unknown|unknown user|does not exist|no such user)|error: invalid user address|invalid final delivery userid|check if (the )?address is correct|ディレクトリ.{0,20}(見つかりません|ありません)`),
	is(Blocked, `my name was rejected`),
	is(Filtered, `rejected by a remote mail server`),
	is(Network, `host not found, try again|name service error[^;]{0,80}try again|socket error|did not accept our requests to connect`),
	is(Virus, `virus (found|detected|infected)|infected|contains? (a )?virus|has detected a virus|antivirus|malware|dangerous attachment`),
	is(TooBig, `message (size )?(too (large|big)|is too (large|big)|exceeds|size exceeds)|exceed(s|ed)? (the )?(max(imum)?|fixed|size)[^.]{0,30}(size|limit)|message file too big|size limit|too large message|mail size|exceeds the (recipient's )?message size`),
	is(Full, `(mail ?box|inbox|quota|disk|storage|account|user)[^.;]{0,40}(is |are |was )?(over[ -]?quota|full|exceed)|over[ -]?quota|quota[ _]?(exceeded|exceed|limit)|out of (quota|storage)|exceed(s|ed|ing)?[^.]{0,30}(quota|storage)|disk (space|quota)|insufficient (disk|storage|system storage)|not enough (storage|disk) space|mailbox_?full|too many messages (in|on) (this|the) (mailbox|account)|メールボックス.{0,12}(一杯|いっぱい|容量|満)|容量.{0,8}(超|オーバー|不足)|boite? .{0,10}pleine|mailbox size limit|boîte pleine|storage limit`),
	is(NoMail, `domain[^;]{0,60}does ?n[o']t (accept|receive) (any )?(mail|e-?mail)|null ?mx|domain (of .{1,60} )?does not accept mail|host does not accept mail|not accept mail \(nullmx\)|indicated no smtp service`),
	is(UnknownHost, `host (unknown|not found|or domain name not found)|unknown (host|domain)|domain[^.;]{0,60}(not found|does ?n[o']t exist|not exist|unknown)|(no such|non-?existent|invalid|bad) (host|domain)|no (mx|a record)|unrouteable (mail )?domain|domain mismatch|couldn't find any host|name server[^.;]{0,60}host not found|unable to (lookup|find|resolve) (the )?(host|domain)|illegal host|unresolvable (domain|host)|recipient address domain|nxdomain|no (matches|relevant answers)[^.]{0,30}(nameserver|dns)|unroutable address|dns (error|failure)[^.]{0,40}(domain|host)[^.]{0,20}(not|n't)|ドメインが(存在|見つか)`),
	is(Moved, `5\.1\.6|(has|have) (moved|been (moved|replaced|changed))|address (has )?changed|no longer (with|at) (us|the company)|new address|has left (the|this|our) (company|organi[sz]ation)|user not local; please try|recipient .{0,40}has moved`),
	is(Rate, `too many (connections|messages|mail|concurrent|recipients|errors|sessions|invalid|unknown)|rate[ -]?limit|throttl|(connection|message|sending|hourly|daily)[^.]{0,20}(rate|limit)[^.]{0,20}exceed|exceed[^.]{0,30}(rate|connections|hourly|daily|message limit)|slow down|receiving (mail )?at a rate|try again later[^.]{0,20}too`),
	is(Spam, `(message|mail|content|e-?mail)[^.;]{0,60}(spam|junk|bulk)|spam (message|mail|detected|content|score|filter|detection|rejected)|(identified|detected|considered|classified|marked|scored|rejected|looks?|appears?)[^.;]{0,30}(as |like |to be |for )?(spam|junk|unsolicited)|spam(assassin|ming|cop)? (blocked|score)|high spam|unsolicited|迷惑メール`),
	is(Blocked, `block(ed|ing|[ -]?list)|black[ -]?list|(rbl|dnsbl|spamhaus|spamcop|barracuda|sorbs|uceprotect|njabl|abuseat|senderscore)|(poor|bad|low|ip)[^.;]{0,12} reputation|reputation|reverse dns|ptr (record|entry)|rdns|fix (your )?reverse|no ptr|dynamic (ip|address|host)|your (ip|server|host|network|mail server|domain)[^.;]{0,60}(not allowed|denied|refused|rejected|banned|reject|listed|prohibited|unauthorized|invalid)|(ip|host|client|server) (address )?(\S{0,40} )?(is )?(not allowed|denied|rejected|banned|refused|listed)|connection (refused|rejected|dropped|denied|declined)[^.;]{0,30}(polic|by|due|spam)|access from ip|client host[^.;]{0,60}(rejected|denied)|not permitted to (connect|send)|helo|ehlo (rejected|argument)|temporarily deferred due to|we do not accept (e?mail|messages) from|refused to talk|too many spams|user complaints|banned|bad sender ip|invalid ip`),
	is(Relay, `relay(ing)? ?(is |access )?(not (allowed|permitted)|denied|prohibited|rejected|refused|unauthorized|disabled|attempt)|(unable|not (allowed|permitted|authorized)|refus|denied|authentication required|must authenticate)[^.;]{0,30} relay|relaying|not a (gateway|relay)|rcpthosts|open relay|relay operation rejected|not configured to relay|sender verify failed`),
	is(Policy, `(dmarc|dkim|spf|sender policy framework|arc)\b|authentication[^.;]{0,20}(required|fail|check)|unauthenticated|not authenticated|policy (reason|violation|reject|restriction|rejection)|(due to|for|by|violat\w+|against)[^.;]{0,40}polic(y|ies)|security (polic|reason)|local policy|content[^.;]{0,20}polic|administrative (prohibition|polic)|prohibited|tls (required|is required|not)|starttls|encryption needed`),
	is(Suspended, `temporar(il)?y (locked|disabled|inactive|suspended)|(account|mailbox|user|address|recipient|domain|service)[^.;]{0,50}(disabled|suspended|inactive|not active|deactivated|locked|discontinued|unavailable for|temporarily (unavailable|disabled)|expired|closed|is not available|on hold|frozen)|(disabled|suspended|inactive|locked|deactivated|expired) (account|mailbox|user|recipient|address|domain)|not currently accepting|invalid\/inactive|has been (suspended|disabled|deactivated)|inactive user|currently unavailable`),
	is(Rejected, `address is not verified|all recipient addresses rejected ?: ?access denied|sender[^.;]{0,60}(reject|denied|refused|not (accepted|allowed|exist|found|valid|permitted)|unknown|invalid|block|verif|address)|(reject|denied|refus|invalid|unknown|bad|forged|block)[^.;]{0,30}(sender|from address|return path|envelope from|mail from|from:? ?header)|mail from[^.;]{0,60}(reject|denied|refused|not|invalid|unauthori)|domain of sender|backscatter|<> |null sender|empty (envelope )?(sender|from)|return(ing)? (path|address)|from (address )?[^.;]{0,20}(reject|invalid)|access denied\b.*sender|you are not (a )?member|not (a )?(member|subscribed|permitted to post|authori[sz]ed to post)|posting[^.]{0,30}(not allowed|restricted|permission)`),
	is(UnknownUser, `requested action not taken: mailbox unavailable|(user|mail ?box|address|recipient|account|member|addressee|alias|name|destination|destinatario|utilisateur|usuario|empfänger)s?\b[^.;]{0,70}(unknown|not (found|known|exist|listed|local|recogni[sz]ed|valid|a valid|present|registered|here|in|on|a known)|does ?n[o'´’]t (exist|have)|doesn&#39;t|is n[o']t|invalid|no longer (exists?|available|valid|in|on|here)|unrouteable|non[- ]?exist|undefined|inconnu|desconocid|nicht (gefunden|bekannt)|rejected|could not be found|couldn't be found|wasn't found|cannot be found|no existe|has been deleted|was deleted|not our customer|undeliverable|no encontrad)|(unknown|no such|invalid|not? (a )?(valid|known)|bad|non-?existent|nonexistent|illegal|unrecogni[sz]ed|undeliverable|wrong|incorrect|no|not a) (user|local user|local[- ]part|mail ?box|recipient|address|account|virtual|rcpt|alias|addressee|destination|person|e-?mail address|mail address|to address|forward|name|id|domain\/user|such|subscriber)|does ?n[o']t (have|exist|like recipient)[^.;]{0,40}|not (a )?(valid|known) (user|recipient|mailbox|address)|there is no (user|one|such|account|mailbox|person)|no (mail ?box|account|user|one|record|relationship)[^.;]{0,20}(here|by|with|for|found|at|exists?)|unrouteable address|recipnotfound|isn't (a|in)|not our (user|customer)|r[c]?pt .{0,30}(not|unknown)|couldn't (find|be found)|宛先(アドレス|メールアドレス)?.{0,12}(不明|存在|見つか|誤)|(ユーザー?|アドレス|メールボックス|あて先|お客様).{0,20}(存在し|見つか|不明|ありません)|adresse (d au moins un )?[^.]{0,20}(invalide|inexistante)|invalid user|disabled or discontinued`),
	is(Filtered, `(recipient|user|mailbox|account)[^.;]{0,50}(refus|reject|declin|does not want|not accept|denied|restricted|protected|filter)|(due to|by) (extended inbox|user|recipient)|extended inbox|受信(拒否|制限)|refused by (the )?recipient|transaction failed by (recipient|user)|because the recipient|permission to send|does not accept (message|mail)s? from`),
	is(Content, `(header|subject|mime|attachment|date|message-id|8-?bit|charset|from field|body)[^.;]{0,40}(invalid|illegal|reject|missing|not (allowed|accept|permitted)|malformed|bad|error|forbidden|required|improper)|content[^.;]{0,30}(reject|not allowed|denied|filter)|(invalid|bare|illegal) (header|lf|character|8-?bit)|rfc ?(2|5)822|multiple from|improper`),
	is(Expired, `(retry|delivery|queue|retention|message)[^.;]{0,30}(time[ -]?out|timeout exceeded|expired|time expired|lifetime|too long)|expired|given up|giving up|too long in (the )?queue|(been|remained) (in|on) (the )?queue|for too long|unable to deliver[^.;]{0,30}for|could not (be )?(connect|deliver)[^.;]{0,40}(for|in|days|hours)|retry time not reached|timed? ?out|not (answer|respond)|(hour|day)s? .{0,30}(undeliver|delivery)|delivery attempts|still (being )?(retr|tri)|delayed|no response`),
	is(Network, `network (is )?(unreachable|error)|no route|connection (timed? ?out|refused|reset|lost|closed|dropped|failed|was|died|interrupted)|(could not|couldn't|cannot|can't|unable to|failed to) (connect|establish|reach|contact|talk|complete)|lost connection|unable to connect|host (is )?(unreachable|down|not reachable)|mail (loop|forwarding loop)|too many (hops|received)|loops? (back )?|routing|no (host|server) (available|to)|name server (failure|error|timeout)|dns|mx (record|list)|temporary (lookup|failure in name)`),
	is(System, `(local|system|configuration|internal|mailer|server|disk|software|queue|programming|temporary|remote) (error|failure|problem|fault|misconfig)|command (died|failed|output|time)|service (unavailable|not available)|resources (temporarily )?unavailable|temporar(il)?y|can't (create|open|write)|cannot (create|open|write|append)|i\/o error|unable to (open|create|write)|out of memory|undocumented|procmail|maildrop|pipe (to|failed)|exit(ed)? (code|status|with)|exit \d|signal \d|interrupted|unexpected|try again|not (available|configured|running)|bad file|error (writing|opening)|disk full|no space`),
}

// byWords is the class that a server's words tell, Unclear where they tell none.
func byWords(said string) Class {
	if said == "" {
		return Unclear
	}
	for _, r := range rules {
		if r.words.MatchString(said) {
			return r.class
		}
	}
	return Unclear
}
