package httpd

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/seed-456efde2/nurture/engine/history"
)

// revisionsView is the page of the revisions: all of them, or what one says
// differently from another.
type revisionsView struct {
	Lang    lang
	Running uint32
	Rows    []RevisionDoc
	Diff    *DiffDoc
	Problem string // why the difference cannot be told
}

// W is one of the page's texts.
func (v revisionsView) W(name string) string { return revisionWords[name].in(v.Lang) }

// Line is what a changed block says differently, as one text.
func (v revisionsView) Line(l history.Line) string { return lineText(&l) }

// Words is the same for a condition, in words.
func (v revisionsView) Words(l history.Line) string {
	if l.OldWords+l.NewWords == "" {
		return ""
	}
	return wordsText(&l, string(v.Lang))
}

// Sum counts the changes.
func (v revisionsView) Sum() string {
	return fmt.Sprintf(v.W("sum"), v.Diff.Add, v.Diff.Change, v.Diff.Remove)
}

// Before is the number of the revision before another.
func (v revisionsView) Before(n uint32) uint32 { return n - 1 }

var revisionWords = map[string]word{
	"hint":       {"本番で動いたルールの履歴です。判定はどれも、その時のリビジョンの番号を持っています。", "Every set of rules that has run. Each decision names the number of the one that took it."},
	"revision":   {"リビジョン", "Revision"},
	"since":      {"いつから", "Since"},
	"by":         {"変更した人", "By"},
	"digest":     {"ダイジェスト", "Digest"},
	"running":    {"実行中", "running"},
	"beside":     {"r%d と並べて試行", "tried beside r%d"},
	"what":       {"変更点", "What changed"},
	"back":       {"このルールに戻す", "Bring back"},
	"sure":       {"r%d のルールに戻しますか。ディスク上のファイルが変更されるまで、そのルールで動きます。", "Bring the rules of r%d back? They stay until the files on disk change."},
	"yes":        {"戻す", "Bring back"},
	"all":        {"すべてのリビジョン", "All revisions"},
	"sum":        {"追加 %d、変更 %d、削除 %d", "%d added, %d changed, %d removed"},
	"same":       {"意味の違いはありません。", "They mean the same."},
	"texts":      {"文面の異なるファイル", "Files whose text differs"},
	"first":      {"最初のリビジョン", "the first one"},
	"unreadable": {"このリビジョンは今のプログラムでは読み込めません。", "This revision does not load in the present program."},
}

func (s *Server) routeRevisions(page func(pattern string, h http.HandlerFunc)) {
	page("GET /revisions", s.showRevisions)
	page("GET /revisions/{number}", s.showRevision)
	page("POST /revisions/{number}/rollback", s.rollbackFromPage)
}

func (s *Server) showRevisions(w http.ResponseWriter, r *http.Request) {
	list, err := s.revisions()
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "revisions")
	s.render(w, r, http.StatusOK, "revisions_page", "revisions", revisionsView{Lang: v.Lang, Running: v.Revision, Rows: list})
}

// showRevision tells what a revision changed, and asks before it is brought back.
func (s *Server) showRevision(w http.ResponseWriter, r *http.Request) {
	number, err := pageRevision(r)
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "revisions")
	body := revisionsView{Lang: v.Lang, Running: v.Revision}
	this, err := s.revision(number)
	if err != nil {
		s.message(w, r, err)
		return
	}
	if body.Diff, err = s.diff(0, number, string(v.Lang)); err != nil {
		body.Diff = &DiffDoc{From: NewRevision(this), To: NewRevision(this)}
		body.Problem = body.W("unreadable")
	}
	s.render(w, r, http.StatusOK, "revision_page", "revisions", body)
}

func (s *Server) rollbackFromPage(w http.ResponseWriter, r *http.Request) {
	number, err := pageRevision(r)
	if err == nil {
		_, err = s.rollback(r.Context(), number)
	}
	if err != nil {
		s.message(w, r, err)
		return
	}
	http.Redirect(w, r, "/revisions", http.StatusSeeOther)
}

func pageRevision(r *http.Request) (uint32, error) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 32)
	if err != nil || n == 0 {
		return 0, errNoRevision(0)
	}
	return uint32(n), nil
}
