# ご登録いただいた方への使いこなし術。win_back と同じ lane なので、両方が同時に届くことはありません。
workflow "tips" {
  label = "はじめての使いこなし術"
  owner = "marketing@hamakaze.example.co.jp"
  lane  = "mail"

  enter {
    on   = event.consent_given
    when = "event.purpose == 'marketing'"
  }

  re_enter { after = "60d" } # しばらくたって、あらためて登録された方にも

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "welcome" {
      subject  = "ご登録ありがとうございます（よくご注文いただく備品の一覧）"
      template = "win_back/welcome.md"
      send     = "mon-fri 09:30-17:00"
    }

    wait "a_fortnight" { for = "14d" }

    email "reorder" {
      subject  = "前回と同じ注文を、1分で済ませる方法"
      template = "win_back/reorder.md"
      send     = "mon-fri 09:30-17:00"
    }

    exit "done" {}
  }
}

# 毎月第1火曜日のお便り。静かになった方には win_back が代わりにお送りします。
workflow "monthly_letter" {
  label = "毎月のお便り"
  owner = "marketing@hamakaze.example.co.jp"

  enter {
    schedule = "0 9 * * 2#1"
    segment  = segment.readers
    spread   = "2h" # 一度に送らず、2時間に分けます
  }

  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "letter" {
      subject  = "【{{ now | month() }}月】今月の入荷と、まとめ買いのご案内"
      template = "win_back/letter.md"
      topic    = "letter"
    }

    exit "sent" {}
  }
}
