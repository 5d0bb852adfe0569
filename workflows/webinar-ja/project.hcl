# ウェビナー（オンラインセミナー）の申し込みから、参加後・欠席後のご案内までのひな形です。
# 会社名・製品名・人名・アドレスはすべて架空のものです。

project "webinar" {
  timezone = "Asia/Tokyo"
  language = "ja"
  calendar = calendar.office
}

# 営業日の基準。「1 business day」や quiet_days の "holiday" はこのカレンダーで数えます。
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-18:00"
  holidays = ["japan", "2026-12-29", "2026-12-30", "2026-12-31"]
}

# いくつものルールで使う数値はここに置き、const.hot のように書きます。
const {
  hot  = 60 # 営業に渡す興味度
  warm = 30 # 有望とみなす興味度
}
