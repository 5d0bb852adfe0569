# 何をしたか。1か月で半分に薄れます。開封は、メールソフトが自動で行うことがあるので数えません。
score "interest" {
  label     = "興味度"
  half_life = "30d"
  range     = [0, 100]

  rule "read" {
    label   = "ページを読んだ"
    on      = event.page_read
    points  = 2
    at_most = "5 per day"
  }

  rule "clicked" {
    label   = "メールのクリック"
    on      = event.email_clicked
    points  = 4
    at_most = "2 per day"
  }

  rule "key_page" {
    label   = "重要ページの閲覧"
    on      = event.key_page_viewed
    points  = 6
    at_most = "2 per day"
  }

  rule "download" {
    label  = "資料ダウンロード"
    on     = event.downloaded
    points = 8
  }

  rule "seminar" {
    label  = "セミナー参加"
    on     = event.seminar_attended
    points = 10
  }
}

# 興味度がはじめて注目の水準に届いた方。薄れると外れ、また届くともう一度入ります。
segment "warm" {
  label = "注目すべき方"
  when  = "score.interest >= const.warning"
}
