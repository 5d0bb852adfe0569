# メールマガジンのひな形です。登録の確認から、件名の実験、送る時刻の実験、効果を測るための
# 対照群まで入っています。会社名・製品名・人名・アドレスはすべて架空のものです。

project "newsletter" {
  timezone = "Asia/Tokyo"
  language = "ja"
  calendar = calendar.office
}

# 営業日の基準。quiet_days の "holiday" はこのカレンダーで数えます。
calendar "office" {
  workdays = ["mon", "tue", "wed", "thu", "fri"]
  hours    = "09:00-18:00"
  holidays = ["japan", "2026-12-29", "2026-12-30", "2026-12-31"]
}

# いくつものルールで使う数値はここに置き、const.engaged のように書きます。
const {
  engaged = 25 # よく読んでくださる方とみなす点数
}
