# How much somebody reads. Points halve in a month. Opens are not counted: mail programs
# open by themselves.
score "interest" {
  label     = "Interest"
  half_life = "30d"
  range     = [0, 100]

  rule "clicked" {
    label   = "Click"
    on      = event.email_clicked
    points  = 8
    at_most = "2 per day"
  }

  rule "read" {
    label   = "Article read"
    on      = event.article_read
    points  = 5
    at_most = "3 per day"
  }

  rule "replied" {
    label  = "Reply to the editors"
    on     = event.email_replied
    points = 20
  }
}

segment "readers" {
  label = "Subscribers"
  when  = "consent.marketing and not lead.unsubscribed"
}

# Product news goes to regular readers only.
segment "regulars" {
  label = "Regular readers"
  when  = "segment.readers and score.interest >= const.engaged"
}
