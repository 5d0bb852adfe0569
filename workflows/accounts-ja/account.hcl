# 会社。会社名が同じリードはひとつのアカウントになります。会社について分かっていることは、
# group 呼び出しで送ってください（groupId が会社名、traits がその情報です）。
account {
  key = "company"

  choice "plan" {
    label   = "契約プラン"
    of      = ["none", "trial", "paid"]
    default = "none"
  }
  number "employees" { label = "従業員数" }
}

segment "customers" {
  label = "ご契約中の会社の方"
  when  = "account.plan == 'paid'"
}

# お一人ずつの行動はわずかでも、合わせると料金ページを何度もご覧になっている会社です。
segment "busy_companies" {
  label = "料金を検討中の会社の方"
  when  = "account.times('pricing_viewed', '14d') >= const.busy and not segment.customers"
}
