toss_up "営業へ" {
	when = ["segment.ターゲット",	"score.intrest >= 70"] # the tab before is shown as spaces
  hold = "１０分"
}

toss_up "営業へ" { when = "score.interest >= 200" }

workflow "案内" {
  enter { on = event.資料請求 }

  steps {
    branch "反応" {
      case "大手" {
        when = "lead.従業員数 ＞＝ 100 and did('資料請求', '30日') and lead.email matches 'とても長い文字列のなかで、問題のある場所を示すための例です。とても長い文字列のなかで、' and lead.emial == 'a'"
      }
    }

    slack "知らせる" { message = "{{ lead.email }}" }
  }
}
