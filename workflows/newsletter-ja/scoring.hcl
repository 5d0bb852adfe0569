# どのくらい読んでくださっているか。1か月で半分に薄れます。開封は機械でも起こるので、数えません。
score "interest" {
  label     = "関心度"
  half_life = "30d"
  range     = [0, 100]

  rule "clicked" {
    label   = "記事へのクリック"
    on      = event.email_clicked
    points  = 8
    at_most = "2 per day"
  }

  rule "read" {
    label   = "記事を読んだ"
    on      = event.article_read
    points  = 5
    at_most = "3 per day"
  }

  rule "replied" {
    label  = "編集部への返信"
    on     = event.email_replied
    points = 20
  }
}

segment "readers" {
  label = "購読者"
  when  = "consent.marketing and not lead.unsubscribed"
}

# 製品のお知らせは、よく読んでくださる方にだけお送りします。
segment "regulars" {
  label = "よく読まれる方"
  when  = "segment.readers and score.interest >= const.engaged"
}
