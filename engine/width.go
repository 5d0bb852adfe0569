package engine

import "strings"

// oneWidth brings the widths of Japanese text to one form: letters, digits and
// signs as half-width, kana as full-width. Lists that were typed in by hand have
// both of everything, and no rule could compare them.
//
// Unicode's own compatibility form would do more than is meant: it takes circles
// off numbers and spells ㈱ out.
func oneWidth(s string) string {
	if !strings.ContainsFunc(s, otherWidth) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var last rune // kana that a mark may still join
	for _, r := range s {
		if joined := withMark(last, r); joined != 0 {
			b.WriteRune(joined)
			last = 0
			continue
		}
		if last != 0 {
			b.WriteRune(last)
			last = 0
		}
		switch {
		case r >= '！' && r <= '～':
			b.WriteRune(r - '！' + '!')
		case r == '　':
			b.WriteByte(' ')
		case isHalfKana(r):
			last = halfKana[r-firstHalfKana]
		default:
			b.WriteRune(r)
		}
	}
	if last != 0 {
		b.WriteRune(last)
	}
	return b.String()
}

func otherWidth(r rune) bool { return r >= '！' && r <= '～' || r == '　' || isHalfKana(r) }

// halfKana are the full-width forms of the half-width kana, in their order.
var halfKana = []rune("。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜")

const (
	firstHalfKana = '｡'
	voicedMark    = 'ﾞ'
	halfVoiced    = 'ﾟ'
)

func isHalfKana(r rune) bool { return r >= firstHalfKana && r <= halfVoiced }

// withMark is kana with the half-width mark behind it as one letter, 0 where the
// two are not one.
func withMark(kana, mark rune) rune {
	isHa := kana >= 'ハ' && kana <= 'ホ'
	switch {
	case mark == voicedMark && kana == 'ウ':
		return 'ヴ'
	case mark == voicedMark && (isHa || kana >= 'カ' && kana <= 'ト' && voiceable[kana]):
		return kana + 1
	case mark == halfVoiced && isHa && (kana-'ハ')%3 == 0:
		return kana + 2
	}
	return 0
}

// voiceable are the kana from カ to ト that a voiced mark joins.
var voiceable = func() map[rune]bool {
	out := map[rune]bool{}
	for _, r := range "カキクケコサシスセソタチツテト" {
		out[r] = true
	}
	return out
}()
