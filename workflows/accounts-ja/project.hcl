# 会社を相手に売るためのひな形です。同じ会社の方の行動を合わせて数え、メールの同意は本人の
# 確認で成り立ち、サイトの表示も相手に合わせて変わります。会社名・製品名・人名・アドレスは
# すべて架空のものです。

project "accounts" {
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

# いくつものルールで使う数値はここに置き、const.busy のように書きます。
const {
  busy = 3  # 料金ページの閲覧が14日間に全員で何回あれば、検討中の会社とみなすか
  warm = 15 # お話しできるとみなす興味度
}
