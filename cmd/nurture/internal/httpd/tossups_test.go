package httpd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/store"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// register is the simulator's register of hand-overs, as the store gives it.
type register struct{ sim *sim.Sim }

func (r register) Offers(_ store.OfferPlace, yield func(*engine.LeadOffer) error) error {
	list := r.sim.Offers()
	slices.SortFunc(list, func(a, b engine.LeadOffer) int {
		return cmp.Or(cmp.Compare(b.Offer.Asked, a.Offer.Asked), strings.Compare(a.Offer.ID.String(), b.Offer.ID.String()))
	})
	for i := range list {
		if err := yield(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// answeredWorld is a world in which one lead was handed over.
func answeredWorld(t *testing.T) (*world, *Server, engine.LeadOffer) {
	t.Helper()
	w := newWorld(t)
	spec := workspace()
	spec.TossUps[0].Answer = &engine.AnswerSpec{
		Within: calendar.Length{BusinessDays: 2}, Accepted: "toss_up_accepted", Rejected: "toss_up_rejected",
		Reasons: []engine.ReasonSpec{{Name: "no_budget", Label: "予算なし"}},
	}
	p, err := engine.NewProgram(spec, "3f2a9c", 42)
	if err != nil {
		t.Fatal(err)
	}
	if w.program = p; w.sim.Swap(p) != nil {
		t.Fatal("the rules cannot be changed")
	}
	o := w.options()
	o.Tracking, o.Register = trackingKeys(t, "0123456789abcdef"), register{w.sim}
	s := newServer(t, o)
	w.live(t, s)
	offers := w.sim.Offers()
	if len(offers) == 0 {
		t.Fatal("nobody was handed over")
	}
	return w, s, offers[0]
}

// The link in a hand-over shows a page and changes nothing; the page's form answers,
// once; a reason is one of those that the rule declares.
func TestAnswerPage(t *testing.T) {
	t.Parallel()
	w, s, row := answeredWorld(t)
	tok := tracking.Token{Lead: row.Lead, Message: row.Offer.ID, Channel: "sales", Step: row.Offer.TossUp}
	link := "/t/a/" + sealed(t, s, tok, tracking.Answer)
	before := w.submits
	for range 3 {
		a := call(t, s, "GET", link+"?lang=en", "")
		if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "Do you take this lead?") || !strings.Contains(a.Body.String(), "予算なし") {
			t.Fatalf("the page: %d\n%s", a.Code, a.Body)
		}
	}
	if w.submits != before {
		t.Error("following the link has changed something")
	}
	if a := call(t, s, "GET", link+"?lang=ja", ""); !strings.Contains(a.Body.String(), "このリードを受け入れますか？") {
		t.Errorf("in Japanese: %s", a.Body)
	}
	for _, form := range []string{"", "answer=maybe", "answer=rejected", "answer=rejected&reason=nonsense"} {
		if a := call(t, s, "POST", link, form, formType); a.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", form, a.Code)
		}
	}
	if a := call(t, s, "POST", link, "answer=rejected&reason=no_budget", formType); a.Code != http.StatusOK {
		t.Fatalf("the answer: %d\n%s", a.Code, a.Body)
	}
	if o := w.sim.Offers()[0].Offer; o.State != engine.OfferRejected || o.Reason != "no_budget" {
		t.Errorf("after the answer: %+v", o)
	}
	if a := call(t, s, "POST", link+"?lang=en", "answer=accepted", formType); !strings.Contains(a.Body.String(), "settled already") {
		t.Errorf("a second answer: %s", a.Body)
	}
	foreign := sealed(t, s, tracking.Token{Lead: row.Lead, Message: [16]byte{1}}, tracking.Answer)
	if a := call(t, s, "GET", "/t/a/"+foreign, ""); a.Code != http.StatusNotFound {
		t.Errorf("of no offer: %d", a.Code)
	}
	if a := call(t, s, "GET", "/t/u/"+sealed(t, s, tok, tracking.Answer), ""); a.Code != http.StatusNotFound {
		t.Errorf("as a way out: %d", a.Code)
	}
}

// Offers are listed, narrowed, paged and answered by the API.
func TestTossUpsAPI(t *testing.T) {
	t.Parallel()
	w, s, row := answeredWorld(t)
	get := func(query string) (list OfferList) {
		t.Helper()
		a := call(t, s, "GET", "/api/v1/toss-ups"+query, "", "Authorization: Bearer ops-key")
		if err := json.Unmarshal(a.Body.Bytes(), &list); err != nil || a.Code != http.StatusOK {
			t.Fatalf("%s: %d %v\n%s", query, a.Code, err, a.Body)
		}
		return list
	}
	all := get("")
	if len(all.Offers) != len(w.sim.Offers()) || len(all.TossUps) != len(w.program.Spec().TossUps) {
		t.Fatalf("%d offers of %d rules", len(all.Offers), len(all.TossUps))
	}
	var paged []HandOverDoc
	for next := ""; ; {
		page := get("?limit=1&after=" + next)
		paged = append(paged, page.Offers...)
		if next = page.Next; next == "" {
			break
		}
	}
	if fmt.Sprint(len(paged)) != fmt.Sprint(len(all.Offers)) {
		t.Errorf("%d offers on pages of one, %d in all", len(paged), len(all.Offers))
	}
	if form := call(t, s, "GET", "/toss-ups", "", "Authorization: Bearer ops-key").Body.String(); !strings.Contains(form, `<option value="no_budget">予算なし</option>`) {
		t.Errorf("the page offers no reason to send a lead back:\n%s", form)
	}
	order := fmt.Sprintf(`{"offer":%q,"answer":"accepted"}`, row.Offer.ID)
	for range 2 {
		a := call(t, s, "POST", "/api/v1/toss-ups/answer", order, "Authorization: Bearer ops-key", "Content-Type: application/json")
		if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), `"accepted"`) {
			t.Fatalf("the answer: %d %s", a.Code, a.Body)
		}
	}
	if got := get("?state=accepted").Offers; len(got) != 1 || got[0].ID != row.Offer.ID.String() {
		t.Errorf("accepted: %+v", got)
	}
	for path, status := range map[string]int{"?toss_up=nobody": 404, "?after=nonsense": 400} {
		if a := call(t, s, "GET", "/api/v1/toss-ups"+path, "", "Authorization: Bearer ops-key"); a.Code != status {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	page := call(t, s, "GET", "/toss-ups", "", "Authorization: Bearer ops-key")
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), row.Lead.String()) {
		t.Errorf("the page: %d\n%s", page.Code, page.Body)
	}
}

// A rule that hands over more and wins less is worse, and said to be; offers that
// are too young are no failures.
func TestMoreIsNotBetter(t *testing.T) {
	t.Parallel()
	p, err := engine.NewProgram(&engine.Spec{
		Events:  []engine.EventSpec{{Name: "deal"}, {Name: "ask"}},
		TossUps: []engine.TossUpSpec{{Name: "hot", On: "ask", Success: &engine.SuccessSpec{On: "deal", Within: 30 * engine.Day}}},
	}, "d", 9)
	if err != nil {
		t.Fatal(err)
	}
	day := int64(24)
	now := engine.Time(400*day) * engine.Time(engine.Hour)
	var deltas []engine.Delta
	add := func(word, revision, rule string, at, n int64) {
		deltas = append(deltas, engine.Delta{Name: "toss_up:hot:" + word, Hour: at * day, Labels: "revision=" + revision + "\x1frule=" + rule, N: n})
	}
	for at := int64(300); at < 310; at++ {
		add("offered", "3", "strict", at, 4)
		add("offered", "4", "loose", at+20, 20)
	}
	add("opportunity", "3", "strict", 305, 20)
	add("won", "3", "strict", 305, 10)
	add("opportunity", "4", "loose", 325, 24)
	add("won", "4", "loose", 325, 8)
	add("offered", "5", "loose", 399, 7)
	counts := func(name string, from, to int64, yield func(engine.Delta) error) error {
		for _, d := range deltas {
			if d.Name == name && d.Hour >= from && d.Hour < to {
				if err := yield(d); err != nil {
					return err
				}
			}
		}
		return nil
	}
	docs, err := ReadTossUps(p, counts, nil, 0, now)
	if err != nil {
		t.Fatal(err)
	}
	loose, strict := docs[0].Versions[0], docs[0].Versions[1]
	if loose.Rule != "loose" || VersionName(&loose) != "4–5" || loose.Young != 7 || loose.Mature != 200 || loose.Precision.Rate != 0.12 {
		t.Errorf("loose: %+v %+v", loose, loose.Precision)
	}
	if v := loose.Verdict; v.Word != "worse" || !v.More || !v.Sure || v.Than != "hot@strict" {
		t.Errorf("loose is %+v", v)
	}
	if strict.Precision.Rate != 0.5 || strict.Won != 10 {
		t.Errorf("strict: %+v", strict)
	}
	if text := VerdictText(loose.Verdict, "en"); text != "worse (surely) than hot@strict, though it hands over more" {
		t.Errorf("in words: %q", text)
	}
	young, err := ReadTossUps(p, counts, nil, now.Add(-2*engine.Day), now)
	if err != nil || young[0].Versions[0].Verdict.Word != "too_early" || young[0].Versions[0].Precision != nil {
		t.Errorf("only yesterday's: %+v %v", young[0].Versions[0], err)
	}
}
