package httpd

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// lang is a language of the console.
type lang string

const (
	japanese lang = "ja"
	english  lang = "en"
)

// askedLang is the language that the address asks for, "" for none.
func askedLang(r *http.Request) lang {
	if asked := lang(r.URL.Query().Get("lang")); asked == japanese || asked == english {
		return asked
	}
	return ""
}

// langOf is the language a reader wants: what the address asks for, else what it
// asked for last, else what the browser prefers, else that of the project.
func langOf(r *http.Request, project string) lang {
	if asked := askedLang(r); asked != "" {
		return asked
	}
	if cookie, err := r.Cookie(langCookie); err == nil && (cookie.Value == string(japanese) || cookie.Value == string(english)) {
		return lang(cookie.Value)
	}
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); lang(primary) {
		case japanese:
			return japanese
		case english:
			return english
		}
	}
	if lang(project) == japanese {
		return japanese
	}
	return english
}

// word is one of the console's texts, in Japanese and in English.
type word struct{ ja, en string }

func (w word) in(l lang) string {
	if l == japanese {
		return w.ja
	}
	return w.en
}

// words are the console's texts by the name that the templates use.
var words = map[string]word{
	"overview": {"概況", "Overview"}, "leads": {"リード", "Leads"}, "workflows": {"ワークフロー", "Workflows"},
	"revisions": {"リビジョン", "Revisions"}, "rollout": {"ロールアウト", "Rollout"}, "conflicts": {"同じ人かもしれないリード", "Perhaps one person"},
	"toss_ups": {"トスアップ", "Toss-ups"}, "deliveries": {"配信", "Deliveries"}, "system": {"システム", "System"},
	"live": {"ライブ", "Live"}, "revision": {"リビジョン", "Revision"}, "loaded": {"読込", "loaded"},
	"sign_out": {"サインアウト", "Sign out"}, "sign_in": {"サインイン", "Sign in"}, "api_key": {"APIキー", "API key"},
	"no_scope":       {"このキーではこのページを見たり、この操作をしたりできません。", "Your key does not let you see this page or do this."},
	"login_hint":     {"ボタンを押すとコンソールに入ります。", "The button takes you into the console."},
	"login_over":     {"このリンクはもう使えません。新しく作るには nurture login を実行してください。", "This link does not hold any more. Make a new one: nurture login."},
	"wrong_key":      {"キーが違います。", "That key is not known."},
	"sign_in_hint":   {"管理者から受け取ったAPIキーを入力してください。", "Enter the API key that your administrator gave you."},
	"skip":           {"本文へ", "Skip to content"},
	"known_now":      {"いまわかっていること（訂正後）", "Known now, as corrected"},
	"told_first":     {"最初に届いた内容", "As it was first told"},
	"reload_problem": {"保存されたファイルに問題があるため、前のリビジョンのまま動いています", "The files on disk have problems; the earlier revision keeps running"},
	"events":         {"イベント", "Events"}, "per_second": {"件/秒", "per second"}, "today": {"今日", "today"},
	"last_minutes": {"直近2分", "last 2 minutes"}, "last_day": {"直近24時間", "last 24 hours"},
	"known_leads": {"リード数", "Known leads"}, "new": {"新規", "new"}, "handed_over": {"営業へ渡した数", "Handed to sales"},
	"sent": {"送信", "Sent"}, "dead_letters": {"デッドレター", "Dead letters"}, "in_queue": {"待ち", "queued"},
	"stages": {"ステージ", "Stages"}, "stage": {"ステージ", "Stage"}, "now": {"現在", "now"}, "share": {"割合", "Share"},
	"latest_toss_ups": {"最新のトスアップ", "Latest toss-ups"}, "why": {"理由", "why"},
	"no_toss_ups":    {"起動してからのトスアップはまだありません。", "No toss-up since the server started."},
	"no_activity":    {"起動してからの動きはまだありません。", "Nothing has happened since the server started."},
	"no_leads":       {"リードはまだいません。イベントが届くとここに現れます。", "No leads yet. They appear here as their events arrive."},
	"no_flows":       {"ワークフローはありません。", "There are no workflows."},
	"no_channels":    {"チャネルはありません。", "There are no channels."},
	"no_dead":        {"デッドレターはありません。", "No dead letters."},
	"no_bad":         {"拒否されたイベントはありません。", "No refused events."},
	"activity":       {"いま起きていること", "Happening now"},
	"arriving":       {"到着したリード", "Leads arriving"},
	"channel":        {"チャネル", "Channel"},
	"state":          {"状態", "State"},
	"waiting":        {"待機", "Waiting"},
	"under_way":      {"送信中", "Under way"},
	"failed":         {"失敗", "Failed"},
	"retry":          {"再送", "Retry"},
	"discard":        {"破棄", "Discard"},
	"drop_confirm":   {"このデッドレターを破棄しますか？元に戻せません。", "Discard this dead letter? This cannot be undone."},
	"more_dead":      {"ほかにもあります（APIで一覧できます）", "There are more; the API lists them all"},
	"refused_events": {"拒否されたイベント", "Refused events"},
	"commits":        {"コミット", "Commits"},
	"queue":          {"キュー", "Queue"},
	"paused":         {"一時停止中", "Paused"},
	"draining":       {"新規受付を停止中", "Draining"},
	"pause_all":      {"すべて", "everything"},
	"pause_workflow": {"ワークフロー", "workflow"},
	"pause_step":     {"ステップ", "step"},
	"pause_channel":  {"チャネル", "channel"},
	"since":          {"起動", "up since"},
	"in_total":       {"累計", "in"},
	"enter":          {"入口", "enter"}, "wait": {"待機", "wait"}, "branch": {"分岐", "branch"}, "exit": {"出口", "exit"},
	"email": {"メール", "email"}, "webhook": {"Webhook", "webhook"}, "otherwise": {"それ以外", "otherwise"}, "end": {"終わり", "end"},
	"exits":   {"途中の出口", "Exits on the way"},
	"inside":  {"進行中", "inside"},
	"entered": {"入った数", "entered"},
	"running": {"稼働中", "running"}, "service_away": {"送信先が応答しません", "its service is away"},
	"starting": {"起動中", "starting"}, "down": {"停止", "down"},
	"ready": {"稼働中", "ready"}, "stopping": {"停止処理中", "stopping"},
	"lead": {"リード", "Lead"}, "lead_id": {"リードID", "Lead id"}, "user_id": {"ユーザーID", "User id"},
	"first_seen": {"初回", "First seen"}, "last_seen": {"最終", "Last seen"}, "attributes": {"属性", "Attributes"}, "scores": {"スコア", "Scores"},
	"segments": {"セグメント", "Segments"}, "consents": {"同意", "Consents"}, "timeline": {"タイムライン", "Timeline"},
	"pending": {"送信待ち", "Pending"}, "timers": {"タイマー", "Timers"}, "none": {"なし", "none"},
	"step": {"ステップ", "Step"}, "next_at": {"次", "next"}, "anonymous": {"匿名の訪問者", "Anonymous visitor"},
	"given": {"同意あり", "given"}, "revoked": {"撤回", "withdrawn"}, "never_given": {"未同意", "not given"},
	"past":     {"過去のワークフロー", "Earlier workflows"},
	"older":    {"以前の記録", "Earlier"},
	"next":     {"次のページ", "Next page"},
	"first":    {"最初のページ", "First page"},
	"no_lead":  {"このリードは見つかりません。", "There is no such lead."},
	"no_value": {"値なし", "no value"},
	"broken":   {"いまは表示できません。しばらくしてからもう一度お試しください。", "This cannot be shown at present. Try again in a moment."},
	"back":     {"概況へ戻る", "Back to the overview"},
	"target":   {"目標", "target"},
	"holds":    {"成立", "holds"}, "fails": {"不成立", "does not hold"},
	"not_ripe":    {"未確定", "not judged yet"},
	"no_data":     {"データなし", "no data yet"},
	"experiments": {"実験", "Experiments"}, "arm": {"案", "Arm"}, "drawn": {"割り当て", "Drawn"}, "judged": {"判定済み", "Judged"},
	"successes": {"成功", "Successes"}, "rate": {"率", "Rate"}, "interval": {"95%区間", "95% interval"},
	"collecting": {"収集中", "collecting"}, "decided": {"決定", "decided"}, "stopped": {"打ち切り", "stopped"}, "same": {"差なし", "no difference"},
	"mismatched": {"割り当ての異常", "uneven draw"}, "contradictory": {"数の矛盾", "contradictory counts"},
	"funnels": {"ファネル", "Funnels"}, "no_funnels": {"ファネルはありません。", "There are no funnels."}, "month": {"月", "Month"}, "days": {"日", "days"},
	"cohorts": {"コホート（始まった月ごと）", "Cohorts, by the month they began in"}, "against_holdout": {"比較群との差", "Against the hold-out"},
	"goal": {"目的", "Goal"}, "let_in": {"対象", "Let in"}, "held_out_leads": {"比較群", "Held out"}, "difference": {"差（95%区間）", "Difference (95% interval)"},
	"here_now": {"現在", "Here now"}, "left_it": {"出た数", "Left"}, "went_back": {"戻った数", "Went back"},
	"median_stay": {"滞在（中央値）", "Stay, median"}, "p90_stay": {"滞在（90%）", "Stay, 90 %"}, "allowed_stay": {"許される滞在", "Allowed"},
	"overdue": {"期限切れ", "Overdue"}, "kept": {"期限内", "In time"}, "moves": {"移動と理由", "Moves and their reasons"},
	"from_stage": {"前", "From"}, "to_stage": {"後", "To"}, "stands_since": {"いつから", "Since"},
	"review": {"レビュー", "Review"}, "no_reviews": {"レビューはありません。", "There are no reviews."},
	"kpis": {"指標", "Key figures"}, "kpi": {"指標", "Figure"}, "no_kpis": {"ルールに指標（kpi）はありません。", "The rules have no kpi."}, "no_kpi": {"その名前の指標はありません。", "There is no figure of that name."},
	"more_kpis": {"ほかの指標", "Other figures"}, "funnel_from_goal": {"目標から逆算", "calculated back from the goal"}, "funnel_whole": {"ペース・予測・改善の見込みを見る", "Pace, forecast and what would help"},
	"stage_of_funnel": {"段階", "Step"}, "actual": {"実績", "Actual"}, "needed": {"必要数", "Needed"}, "expected_rate": {"見込みの率", "Expected"}, "bottleneck": {"ボトルネック", "bottleneck"},
	"value": {"値", "Value"}, "achieved": {"達成率", "Achieved"}, "course": {"推移", "Course"}, "volume": {"量", "volume"},
	"volume_hint": {"量を表す数です。多いほど良いとは限りません", "A volume: more is not better by itself"}, "too_few": {"件数不足", "too few to judge"},
	"higher_better": {"高いほど良い", "higher is better"}, "lower_better": {"低いほど良い", "lower is better"}, "top_is": {"上端", "upper edge"},
	"to_repair": {"見直すところ", "Where to repair it"}, "thresholds": {"しきい値", "Thresholds"}, "threshold": {"しきい値", "Threshold"}, "condition": {"条件", "Condition"},
	"parts": {"内訳", "By label"}, "labels": {"項目", "Labels"}, "counted": {"件数", "Counted"}, "within": {"期限", "within"},
	"taken_back": {"取り消し済み", "taken back"}, "correct_facts": {"事実を訂正", "Correct facts"},
	"not_reachable": {"送れない理由", "Why the others may not be written to"},
	"level_ok":      {"良好", "ok"}, "level_pending": {"悪化の兆し", "pending"}, "level_firing": {"悪化", "firing"}, "level_recovering": {"回復中", "recovering"}, "level_no_data": {"データ不足", "no data"},
	"in_use": {"使用中", "in use"}, "proposed": {"提案中", "proposed"}, "missing": {"あと必要な判定数", "still to be judged"},
}

// decisionWords tell a decision in a sentence. The placeholders are %[1]s the
// subject, %[2]s the detail, %[3]s the points, %[4]s the time it waits for.
var decisionWords = map[string]word{
	"enrolled":                    {"ワークフロー「%[1]s」に入りました", "Entered workflow “%[1]s”"},
	"step":                        {"「%[1]s」のステップ %[2]s に着きました", "Reached step %[2]s of “%[1]s”"},
	"left":                        {"ワークフロー「%[1]s」を %[2]s で出ました", "Left workflow “%[1]s” by %[2]s"},
	"stage":                       {"ステージが %[1]s から %[2]s に変わりました", "Moved from stage %[1]s to %[2]s"},
	"holding":                     {"トスアップ「%[1]s」の条件がそろいました（%[4]s まで続けば渡します）", "All conditions of “%[1]s” hold (handed over if they still do at %[4]s)"},
	"tossed_up":                   {"「%[1]s」で営業に渡しました", "Handed to sales by “%[1]s”"},
	"queued":                      {"「%[1]s」の順番待ちに入りました", "Waits for a place with sales by “%[1]s”"},
	"turn":                        {"「%[1]s」の順番が来ました", "A place by “%[1]s” was given"},
	"dropped_out":                 {"「%[1]s」の順番待ちから外れました（%[2]s）", "Dropped out of the queue of “%[1]s” (%[2]s)"},
	"dropped_out.condition":       {"条件が成り立たなくなった", "its condition does not hold any more"},
	"dropped_out.account":         {"同じアカウントの人を渡している", "a colleague is with sales already"},
	"dropped_out.merged":          {"同じ人がほかでも待っている", "the same person waits already"},
	"dropped_out.toss_up_removed": {"ルールがなくなった", "the rule is gone"},
	"notified":                    {"「%[1]s」の返事がないため、営業に知らせました（%[2]s）", "Sales were told that “%[1]s” is not answered (%[2]s)"},
	"notified.remind":             {"催促", "reminder"},
	"notified.escalate":           {"上申", "escalation"},
	"succeeded":                   {"「%[1]s」の成果：%[2]s", "Outcome of “%[1]s”: %[2]s"},
	"succeeded.opportunity":       {"商談", "opportunity"},
	"succeeded.won":               {"受注", "won"},
	"succeeded.lost":              {"失注", "lost"},
	"missed":                      {"営業に渡していないのに商談になりました（「%[1]s」の見逃し）", "An opportunity came that “%[1]s” had not handed over"},
	"doubted":                     {"あとでわかった事実により、「%[1]s」では渡さなかったはずです。営業に知らせました", "By what is known now “%[1]s” would not have handed over; sales were told"},
	"answered.late_accepted":      {"期限後の受け入れ", "accepted, after the time was over"},
	"answered.late_rejected":      {"期限後の差し戻し", "sent back, after the time was over"},
	"answered":                    {"営業の回答：「%[1]s」は%[2]s", "Sales answered “%[1]s”: %[2]s"},
	"intended":                    {"%[1]s で %[2]s を送ることになりました", "%[2]s is to go by %[1]s"},
	"permitted":                   {"%[1]s で %[2]s を送ってよいと判断しました", "%[2]s may go by %[1]s"},
	"postponed":                   {"%[1]s の送信を %[4]s まで延期しました（%[2]s）", "%[1]s put off until %[4]s (%[2]s)"},
	"skipped":                     {"%[1]s は送りませんでした（%[2]s）", "Not sent by %[1]s (%[2]s)"},
	"sent":                        {"%[1]s で %[2]s を送りました", "%[2]s was sent by %[1]s"},
	"retry":                       {"%[1]s は %[4]s にもう一度試します（%[2]s）", "%[1]s tries again at %[4]s (%[2]s)"},
	"gave_up":                     {"%[1]s での送信をあきらめました（%[2]s）", "%[1]s gave up (%[2]s)"},
	"scored":                      {"スコア %[1]s：%[3]s", "Score %[1]s: %[3]s"},
	"fault":                       {"%[1]s を評価できませんでした（%[2]s）", "%[1]s could not be evaluated (%[2]s)"},
	"held_out":                    {"比較対象のため、ワークフロー「%[1]s」には入れませんでした", "Held out of workflow “%[1]s”, for comparison"},
	"not_entered":                 {"ワークフロー「%[1]s」に入りませんでした：%[2]s", "Did not enter workflow “%[1]s”: %[2]s"},
	"joined":                      {"セグメント「%[1]s」に加わりました", "Joined segment “%[1]s”"},
	"parted":                      {"セグメント「%[1]s」から外れました", "Left segment “%[1]s”"},
	"goal":                        {"ワークフロー「%[1]s」の目的 %[2]s を達成しました", "Reached the goal %[2]s of workflow “%[1]s”"},
	"arm":                         {"実験 %[1]s：案 %[2]s", "Experiment %[1]s: arm %[2]s"},
	"set":                         {"%[2]s が %[1]s を設定しました", "%[2]s set %[1]s"},
	"paused":                      {"一時停止のため「%[1]s」の %[2]s で待っています", "Waits at %[2]s of “%[1]s”, which is paused"},
	"resumed":                     {"「%[1]s」の %[2]s から再開しました", "Went on from %[2]s of “%[1]s”"},
	"judged":                      {"%[1]s の判定：%[2]s", "%[1]s judged: %[2]s"},
	"merged":                      {"リード %[2]s と統合しました", "Merged with lead %[2]s"},
	"unmerged":                    {"リード %[2]s との統合を取り消しました", "No longer merged with lead %[2]s"},
	"contested":                   {"リード %[2]s と同じ識別子を持っています", "Has the same identifier as lead %[2]s"},
	"barred":                      {"今後は送りません：%[2]s", "Is not written to any more: %[2]s"},
	"corrected":                   {"%[1]s を訂正しました（%[2]s）", "%[1]s was corrected (%[2]s)"},
	"corrected.never":             {"なかった", "it did not happen"},
	"corrected.as_told":           {"最初に届いたとおり", "as it was first told"},
	"corrected.at":                {"別の時刻", "at another time"},
	"corrected.human":             {"人による", "by a person"},
	"corrected.machine":           {"機械による", "by a machine"},
	"corrected.fields":            {"内容が違う", "with other fields"},
	"corrected.no_consent":        {"同意は無効", "no valid consent"},
	"took_back":                   {"あとでわかった事実により、「%[1]s」の %[2]s を取り消しました", "By what is known now, %[2]s of “%[1]s” is none any more"},
	"verdict.human":               {"人", "a person"},
	"verdict.machine":             {"機械", "a machine"},
	"verdict.unknown":             {"不明", "unknown"},
	"answered.accepted":           {"受領", "accepted"},
	"answered.reason.other":       {"その他", "another reason"},
	"answered.rejected":           {"差し戻し", "rejected"},
	"answered.expired":            {"期限切れ", "no answer in time"},
	"code.no_consent":             {"同意がない", "no consent"},
	"code.not_allowed":            {"ポリシーで許可されていない", "not allowed by the policy"},
	"code.quiet_hours":            {"送らない時間帯", "quiet hours"},
	"code.outside_window":         {"送信時間帯の外", "outside its sending window"},
	"code.capped":                 {"送信数の上限", "cap reached"},
	"code.no_channel":             {"チャネルがない", "no such channel"},
	"code.paused":                 {"一時停止中", "paused"},
	"code.drained":                {"新規受付の停止中", "nobody enters any more"},
	"code.lane_busy":              {"同じ lane の別のワークフローが進行中", "another workflow of its lane is under way"},
	"code.at_once":                {"同時に進められる数の上限", "as many at once as may be"},
	"code.left_workflow":          {"ワークフローを出た", "left the workflow"},
}

// count writes a number with its thousands apart.
func count[T ~int | ~int64 | ~uint64 | ~int32](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// decimal writes a number with at most one digit behind the point.
func decimal(f float64) string {
	tenths := int64(math.Round(f * 10))
	if tenths%10 == 0 {
		return count(tenths / 10)
	}
	text := count(tenths / 10)
	if f < 0 && tenths > -10 {
		text = "-0"
	}
	return text + "." + strconv.FormatInt(max(tenths%10, -(tenths%10)), 10)
}

// percent writes a share; small ones keep two digits, because rates of a few
// per mille are what unsubscribes are about.
func percent(share float64) string {
	digits := 1
	if share > 0 && share < 0.01 {
		digits = 2
	}
	return strings.TrimSuffix(strconv.FormatFloat(share*100, 'f', digits, 64), ".0") + "%"
}

// ago writes how long before now an instant was.
func ago(l lang, now, at time.Time) string {
	d := now.Sub(at)
	switch {
	case d < 0:
		return in(l, -d)
	case d < 2*time.Second:
		return word{"たった今", "just now"}.in(l)
	}
	n, unit := span(d)
	if l == japanese {
		return fmt.Sprintf("%d%s前", n, unit.ja)
	}
	return fmt.Sprintf("%d %s ago", n, unit.en)
}

// in writes how long after now an instant will be.
func in(l lang, d time.Duration) string {
	n, unit := span(d)
	if l == japanese {
		return fmt.Sprintf("%d%s後", n, unit.ja)
	}
	return fmt.Sprintf("in %d %s", n, unit.en)
}

func span(d time.Duration) (int, word) {
	switch {
	case d < time.Minute:
		return int(d / time.Second), word{"秒", "s"}
	case d < time.Hour:
		return int(d / time.Minute), word{"分", "min"}
	case d < 48*time.Hour:
		return int(d / time.Hour), word{"時間", "h"}
	}
	return int(d / (24 * time.Hour)), word{"日", "days"}
}
