# What they do. Points halve in a month. Opens are not counted: mail programs open by
# themselves.
score "interest" {
  label     = "Interest"
  half_life = "30d"
  range     = [0, 100]

  rule "read" {
    label   = "Page read"
    on      = event.page_read
    points  = 2
    at_most = "5 per day"
  }

  rule "clicked" {
    label   = "E-mail click"
    on      = event.email_clicked
    points  = 4
    at_most = "2 per day"
  }

  rule "key_page" {
    label   = "Key page view"
    on      = event.key_page_viewed
    points  = 6
    at_most = "2 per day"
  }

  rule "download" {
    label  = "Download"
    on     = event.downloaded
    points = 8
  }

  rule "seminar" {
    label  = "Seminar attended"
    on     = event.seminar_attended
    points = 10
  }
}

# Whose interest has come to the mark. Who fades falls out, and joins again the next time.
segment "warm" {
  label = "Warm"
  when  = "score.interest >= const.warning"
}
