# しばらく反応のない方に、もう一度お声がけするためのひな形です。
# 会社名・製品名・人名・アドレスはすべて架空のものです。

project "win_back" {
  timezone = "Asia/Tokyo"
  language = "ja"
  calendar = calendar.office
}

# 営業日の基準。「10 business days」や quiet_days の "holiday" はこのカレンダーで数えます。
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-18:00"
  holidays = ["japan", "2026-12-29", "2026-12-30", "2026-12-31"]
}

# いくつものルールで使う数値はここに置き、const.active のように書きます。
const {
  active = 20 # よく利用されている方とみなす点数
}
