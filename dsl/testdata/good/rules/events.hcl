event "document_requested" {
  label = "資料請求"
  name  = "Document Requested"

  choice "document" {
    required = true
    of       = ["catalog", "pricing"]
  }
}

event "page_viewed" {
  number "seconds" { default = 0 }
}

event "deal_opened" { label = "商談化" }

event "price_page" {
  label = "料金ページ"
  from  = event.page_viewed
  when  = "event.path startsWith '/price'"
}

event "price_page_read" {
  label = "料金ページを読んだ"
  from  = event.price_page
  when  = "event.seconds >= 20"
}
