# 静かになった方 → 近況のご案内 → 最後の確認 → 反応がなければ、配信をお休みします。
# 読まれないメールを送りつづけると、迷惑メールと判定されやすくなり、ほかの方にも届かなくなります。
workflow "win_back" {
  label    = "休眠からの呼び戻し"
  owner    = "marketing@hamakaze.example.co.jp"
  lane     = "mail" # 同じ lane では、同時にひとつだけ進みます
  priority = 10     # tips の途中の方も、こちらに移ります

  enter {
    segment  = segment.dormant
    backfill = "all" # はじめて動かす日に、すでに静かな方も対象にします
  }

  re_enter {
    after   = "180d"
    at_most = 3
  }

  # 呼び戻しの目的は開封ではなく、ご注文です。
  goal "order" {
    on     = event.order_placed
    within = "60d"
  }

  exit "ordered" { on = event.order_placed }
  exit "asked" { on = toss_up.inquiry }
  exit "opted_out" { when = "lead.unsubscribed" }

  steps {
    email "whats_new" {
      subject  = "{{ lead.last_name ?? 'お客様' }}様、お変わりありませんか（在庫確認が早くなりました）"
      template = "win_back/whats_new.md"
      send     = "tue-thu 10:00-16:00"
    }

    wait "first_answer" {
      at_most = "10 business days"

      case "answered" {
        on = [event.email_clicked, event.visited]

        email "welcome_back" {
          subject  = "またお越しいただき、ありがとうございます（ご注文の早道）"
          template = "win_back/welcome_back.md"
          send     = "mon-fri 09:30-17:00"
        }

        exit "came_back" {}
      }

      otherwise {
        email "last_letter" {
          subject  = "このままお便りをお送りしてもよろしいでしょうか"
          template = "win_back/last_letter.md"
          send     = "tue-thu 10:00-16:00"
        }
      }
    }

    wait "last_answer" {
      at_most = "14d"

      # ここでは開封だけでも、読んでくださっているしるしとして数えます。
      case "still_there" {
        on = [event.email_clicked, event.email_opened, event.visited]
        exit "stays" {}
      }

      otherwise {
        set "rest" { resting = true }

        exit "resting" {}
      }
    }
  }
}

# お休みしていた方がご自分から戻られたら、そのときから、またお便りをお届けします。
workflow "woken" {
  label = "お休みからの復帰"
  owner = "marketing@hamakaze.example.co.jp"

  enter { segment = segment.stirring }

  re_enter { after = "1d" }

  steps {
    set "wake" { resting = false }

    exit "awake" {}
  }
}
