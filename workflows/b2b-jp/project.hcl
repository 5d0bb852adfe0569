# 調整しなくてもそのまま動く、BtoB の基本ルールです。
#   30日に3回以上の行動 → 潜在から顕在へ（開封は数えません）
#   30日なにもなければ   → 潜在に戻ります
#   興味度 25           → インサイドセールスに注目アラート
#   重要ページを見て、2日以内にもう一度来られた → 営業に渡します
# 会社名・製品名・人名・アドレスはすべて架空のものです。

project "b2b" {
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

# 調整するとしたら、まずこの3つです。
const {
  actions = 3  # 顕在とみなす、30日間の行動の回数
  warning = 25 # 注目アラートを出す興味度
  notable = 10 # 二通目の個別のご案内をお送りする興味度
}
